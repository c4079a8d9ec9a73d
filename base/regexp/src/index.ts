/** Regular expressions in RE2's syntax, safe on patterns and texts of strangers. Start with `compileRegexp`. */
export { compileRegexp, type Regexp, RegexpError, type RegexpMatch, type RegexpOptions } from './regexp.ts';
