/** As many groups and arrays as a file may have, and as deep as they may be nested. */
export const MAX_OBJECTS = 100_000;
export const MAX_DEPTH = 40;

/** As many axes as an array of a model may have. */
export const MAX_RANK = 8;
