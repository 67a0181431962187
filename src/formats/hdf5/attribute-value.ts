export type AttributeValue = string | number | readonly string[] | readonly number[];
