/**
 * Post-build substitution: `${var}` with the operators of fluxcd/pkg/envsubst, on text (`evaluate`) and on whole resources
 * (`substituteVariables`).
 */
export { EnvsubstError } from './envsubst-error.ts';
export { type EvaluateOptions, evaluate, type Lookup } from './evaluate.ts';
export { isSubstitutionDisabled, type SubstituteOptions, substituteVariables } from './substitute-variables.ts';
