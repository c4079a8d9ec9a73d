/**
 * The one error class of the project, and secret redaction.
 * Start with `FluxError`; every package that throws its own kind of failure extends it with a `code`.
 */
export { causeChain, FluxError, type FluxErrorOptions } from './flux-error.ts';
export { messageOf } from './message-of.ts';
export { redact, redactUrl } from './redact.ts';
