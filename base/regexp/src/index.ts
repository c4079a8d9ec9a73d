/** Regular expressions in RE2's syntax, safe on patterns and texts of strangers. Start with `compileRegexp`. */
export type { RegexpMatch } from './match.ts';
export { compileRegexp, type Regexp, RegexpError, type RegexpOptions } from './regexp.ts';
