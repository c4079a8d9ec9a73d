/**
 * The embedded Kubernetes API server: kubectl, helm and client-go programs use it like any other, for the operations that
 * GitOps needs. State lives in memory with SQLite under it. Start with `startApiServer` in `server/start.ts`; a request goes
 * from `http/dispatch.ts` over `registry/` to `storage/`.
 */
export { DataDirectoryError, ListenError } from './errors.ts';
export type { DirectRequest, DirectResponse } from './http/in-process.ts';
export { type ApiServer, type ApiServerOptions, startApiServer } from './server/start.ts';
