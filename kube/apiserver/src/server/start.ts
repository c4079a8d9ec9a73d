import { alwaysAllow, rbacAuthorizer } from '../auth/rbac.ts';
import { Tokens } from '../auth/tokens.ts';
import { startEventExpiry } from '../controllers/events.ts';
import type { Log } from '../controllers/loop.ts';
import { startControllers } from '../controllers/start.ts';
import { startCustomResources } from '../crd/serve.ts';
import { Discovery } from '../discovery/discovery.ts';
import { groupsOf } from '../discovery/groups.ts';
import { OpenApi } from '../discovery/openapi.ts';
import { type Dispatcher, dispatch, identify } from '../http/dispatch.ts';
import { type DirectRequest, type DirectResponse, handleDirect, streamDirect } from '../http/in-process.ts';
import type { ServerLimits } from '../http/load-limits.ts';
import type { ApiRequest, ApiResponse, RequestHead } from '../http/messages.ts';
import { NodeServer } from '../http/node-server.ts';
import { Api } from '../registry/api.ts';
import { addBuiltinKinds } from '../registry/builtin.ts';
import { Catalog } from '../registry/catalog.ts';
import { Database } from '../storage/database.ts';
import { Store } from '../storage/store.ts';
import { bootstrap, ensureDefaultStorageClass } from './bootstrap.ts';
import { type Credentials, formatKubeconfig, loadCredentials } from './credentials.ts';

export interface ApiServerOptions {
  /** Where state, keys and certificates are kept; absent: in memory only. */
  dataDirectory?: string;
  /** Address to listen on; default 127.0.0.1. */
  host?: string;
  /** Default 0: a free port. */
  port?: number;
  now?: () => Date;
  /** Receives what an operator should know: panics and failed control loops. */
  log?: (message: string, error?: unknown) => void;
  /** Simulated controllers that bring workloads to ready; default true. */
  workloads?: boolean;
  /** False leaves all control loops, garbage collection and namespace deletion too, to a controller manager elsewhere. */
  controllers?: boolean;
  /** Private key (PEM) for tokens of ServiceAccounts, which a controller manager needs too; default: one of our own. */
  serviceAccountKeyPem?: string;
  authorization?: 'rbac' | 'always-allow';
  /**
   * Serves requests without credentials as `system:anonymous`, as far as RBAC lets them; default false: only health checks
   * are. Never in effect with `always-allow`.
   */
  anonymous?: boolean;
  /** How much clients may ask for at once, and how slowly. */
  limits?: Partial<ServerLimits>;
  /** Members of /version to answer instead of our own: `gitVersion` of another release, for what depends on it. */
  version?: Readonly<Record<string, string>>;
  /** Claims without a class get simulated volumes of class `standard`; default false, as Kubernetes has none. */
  defaultStorageClass?: boolean;
}

/** A running API server. `handle` and `stream` are direct calls without TLS or JSON, as the administrator. */
export interface ApiServer {
  readonly url: string;
  readonly caPem: string;
  adminKubeconfig(): string;
  handle(request: DirectRequest): Promise<DirectResponse>;
  stream(request: DirectRequest): AsyncIterable<unknown>;
  /** Forgets history: lists at older revisions answer 410 from now on. */
  compact(options?: { keepsMemory?: boolean }): void;
  /** Writes a consistent copy of the state to a new file while requests go on; it can be a data directory's `state.db`. */
  copyState(path: string): Promise<void>;
  close(): Promise<void>;
}

/**
 * Starts an API server that kubectl, helm and client-go programs use like any other, for one machine. Rejects with
 * `DataDirectoryError` or `ListenError` when it cannot have its directory or address.
 */
export async function startApiServer(options: ApiServerOptions = {}): Promise<ApiServer> {
  const { dataDirectory, host = '127.0.0.1', port = 0 } = options;
  const database = dataDirectory === undefined ? undefined : await Database.open(dataDirectory);
  try {
    const credentials = await loadCredentials(dataDirectory, host);
    const store = new Store(database ? { database } : {});
    return await serve({ ...options, host, port }, store, credentials);
  } catch (error) {
    database?.close();
    throw error;
  }
}

type Settings = ApiServerOptions & { host: string; port: number };

async function serve(options: Settings, store: Store, credentials: Credentials): Promise<ApiServer> {
  const { host, port, now = () => new Date(), log = () => undefined } = options;
  const catalog = new Catalog();
  addBuiltinKinds(catalog, store);
  const api = new Api({ store, catalog, now, authorizer: alwaysAllow });
  if (options.authorization !== 'always-allow') api.authorizer = rbacAuthorizer(api);
  const tokens = new Tokens({
    signingKeyPem: options.serviceAccountKeyPem ?? credentials.signingKeyPem,
    adminToken: credentials.adminToken,
    find: (plural, namespace, name) => api.find('', plural, namespace, name),
    now,
  });
  await bootstrap(api, credentials.caPem);
  if (options.defaultStorageClass) ensureDefaultStorageClass(api);
  const stopCustomResources = startCustomResources(api, log);
  const stopControllers = startLoops(options, { api, log, caPem: credentials.caPem, tokens });
  let url = '';
  const dispatcher: Dispatcher = {
    api,
    discovery: new Discovery(catalog, new OpenApi(catalog), () => url.replace('https://', '')),
    authenticateToken: (token) => tokens.authenticate(token),
    anonymous: options.anonymous === true && api.rbac,
    special: { tokens, url: () => url, groups: () => groupsOf(catalog), version: options.version ?? {} },
    onPanic: (error, request) => log(`${request.method} ${request.path} failed`, error),
  };
  const handle = (request: ApiRequest): Promise<ApiResponse> => dispatch(dispatcher, request);
  const identifySender = (head: RequestHead) => identify(dispatcher, head);
  const { certPem, keyPem, caPem } = credentials;
  await store.settled();
  const server = await NodeServer.listen({
    host,
    port,
    certPem,
    keyPem,
    caPem,
    handle,
    identify: identifySender,
    limits: options.limits ?? {},
  });
  url = `https://${host.includes(':') ? `[${host}]` : host}:${server.port}`;
  return {
    url,
    caPem,
    adminKubeconfig: () => formatKubeconfig(url, credentials),
    handle: (request) => handleDirect(handle, request),
    stream: (request) => streamDirect(handle, request),
    compact: (options) => store.compact(options),
    copyState: (path) => store.copyTo(path),
    async close() {
      stopControllers();
      stopCustomResources();
      await server.close();
      api.webhooks.close();
      await store.close();
    },
  };
}

/** Events expire with and without controllers, as they do in etcd. */
function startLoops(options: Settings, parts: { api: Api; log: Log; caPem: string; tokens: Tokens }): () => void {
  const { tokens, ...context } = parts;
  const expiry = startEventExpiry(parts.api, parts.log);
  const stop =
    options.controllers === false
      ? undefined
      : startControllers({
          ...context,
          workloads: options.workloads ?? true,
          issueForSecret: (account, secret) => tokens.issueForSecret(account, secret),
        });
  return () => {
    expiry.stop();
    stop?.();
  };
}
