/**
 * What text compatibility with Go and Kubernetes needs: durations, quantities, sizes, times, ages, floats, quotes, names and
 * the natural order of keys. Every function is pure; start with `parseDuration` and `formatDuration`.
 */
export { base64Problem } from './base64-problem.ts';
export { formatBinaryBytes, formatDecimalBytes } from './byte-size.ts';
export { compareCodePoints } from './code-point-order.ts';
export { formatDuration, formatDurationNanoseconds, parseDuration, parseDurationNanoseconds } from './duration.ts';
export { formatFloat } from './float.ts';
export { GoTypeError } from './gotypes-error.ts';
export { escapeHtmlJson } from './html-json.ts';
export { jsonProblem } from './json-problem.ts';
export {
  label1035Problems,
  labelProblems,
  labelValueProblems,
  qualifiedNameProblems,
  subdomainProblems,
} from './name-problems.ts';
export { compareNatural, compareNaturalV3 } from './natural-order.ts';
export { compareQuantity, formatQuantity, parseQuantity, type Quantity, type QuantityFormat } from './quantity.ts';
export { isPrintable, type QuoteOptions, quoteGo } from './quote.ts';
export { formatAge, formatMicroTime, formatTime, parseTime } from './time.ts';
