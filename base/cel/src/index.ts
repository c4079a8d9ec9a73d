/** CEL as Kubernetes and Flux use it: validation rules, health expressions, readiness of dependencies. */
export { type CelAccess, type CelAuthority, CelAuthorizer, type CelServiceAccount } from './authorizer.ts';
export { CelError } from './cel-error.ts';
export { CelProgramError, CelScope, type CheckedCel, checkCel } from './check/checked.ts';
export { type CelOptions, type CelProgram, compileCel } from './compile.ts';
export type { CelDeclaration, CelKind } from './cost/declaration.ts';
export { CelCostError, CelMeter } from './cost/meter.ts';
export { CelFormatted } from './formatted.ts';
export { type CelConversions, CelInput } from './input.ts';
export { CelTypeNameError } from './object-literals.ts';
