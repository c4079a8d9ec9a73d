/**
 * The functions of sprig and of Helm for @flux/gotemplate, and Helm's texts of template errors. Start with
 * `sprigFunctions` or, for charts, `helmFunctions` and `includeFunctions`.
 */

export { type SprigOptions, sprigFunctions } from './functions.ts';
export { parseTime } from './go-time.ts';
export { executeErrorText, parseErrorText } from './helm-errors.ts';
export { helmFiles } from './helm-files.ts';
export { type HelmFunctionOptions, helmFunctions, includeFunctions } from './helm-functions.ts';
export { helmCapabilities, helmChart, helmRelease, helmValues } from './helm-objects.ts';
export { mergeMaps } from './merge.ts';
export { parseUrl, type UrlParts } from './urls.ts';
