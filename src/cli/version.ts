import { readFileSync } from 'node:fs';

/** The package's version. dist/ stands beside package.json, in a checkout and in the package. */
export const version: string = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).version;
