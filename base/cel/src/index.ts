/** CEL as Kubernetes and Flux use it: validation rules, health expressions, readiness of dependencies. */
export { type CelAccess, type CelAuthority, CelAuthorizer, type CelServiceAccount } from './authorizer.ts';
export { CelError } from './cel-error.ts';
export type { FieldShape } from './check-fields.ts';
export { type CelOptions, type CelProgram, compileCel } from './compile.ts';
export { CelTypeNameError } from './object-literals.ts';
