import type { TextSource } from './changing-file.ts';

/** Headers and client certificate that prove who asks. */
export interface Identity {
  /** Value of the Authorization header. */
  authorization?: string;
  /** PEM client certificate and key. */
  certificate?: { cert: string; key: string };
}

/** Where an identity comes from: fixed, files that are rotated, an exec plugin, or an OpenID provider. */
export interface Credentials {
  /** The signal ends only the caller's own wait when others wait for the same answer. */
  get(signal?: AbortSignal): Promise<Identity>;
  /** After a 401 to this identity. False when there is no other to be had. */
  refresh(refused: Identity, signal?: AbortSignal): Promise<boolean>;
}

/** How to reach and trust an API server, with files read and defaults applied. */
export interface Connection {
  /** Base URL; a path in it is kept (`https://proxy/k8s/clusters/c1`). */
  server: string;
  credentials?: Credentials;
  tls?: {
    /** PEM certificates of the authorities to trust instead of the system's. */
    ca?: string | TextSource;
    /** Name to verify instead of the host's (`tls-server-name`). */
    serverName?: string;
    insecureSkipVerify?: boolean;
  };
  /** `http://`, `https://` or `socks5://` proxy for the connection. */
  proxyUrl?: string;
  /** Asks for answers as they are (`disable-compression`). */
  disableCompression?: boolean;
  /** Sent with every request: impersonation of a kubeconfig user, `user-agent`. */
  headers?: Readonly<Record<string, string | readonly string[]>>;
}

/** Credentials that never change. */
export function staticCredentials(identity: Identity): Credentials {
  return { get: () => Promise.resolve(identity), refresh: () => Promise.resolve(false) };
}
