import { basicAuthorization } from '@flux/http';
import { GitError } from './git-error.ts';

/** How to authenticate; the fields of a source secret, parsed (SRC-GIT-20..22). */
export interface GitCredentials {
  username?: string;
  password?: string;
  bearerToken?: string;
  /** PEM private key for ssh. */
  identity?: string;
  /** Passphrase of `identity`. */
  passphrase?: string;
  /** Lines of a known_hosts file; hosts that are not listed are refused. */
  knownHosts?: string;
  tls?: { ca?: string; cert?: string; key?: string };
}

export interface GitProxy {
  /** `http://`, `https://` or `socks5://` */
  url: string;
  username?: string;
  password?: string;
}

/** How to reach a remote. */
export interface RemoteOptions {
  url: string;
  credentials?: GitCredentials;
  proxy?: GitProxy;
  /** Where to connect instead, for `flux up --rewrite-url`; messages keep the original URL. */
  rewriteUrl?: (url: string) => string;
  signal?: AbortSignal;
}

/** A remote's address without user and password, with the credentials that apply to it. */
export interface Endpoint {
  /** As in the spec; for messages. */
  shownUrl: string;
  url: URL;
  isSsh: boolean;
  credentials: GitCredentials;
  proxy: GitProxy | undefined;
}

/** Reads the URL; its user and password stand in for missing ones (SRC-GIT-20). */
export function resolveEndpoint({ url: shownUrl, credentials = {}, proxy, rewriteUrl }: RemoteOptions): Endpoint {
  const text = rewriteUrl ? rewriteUrl(shownUrl) : shownUrl;
  if (!URL.canParse(text)) throw new GitError('invalid', `parse "${text}": invalid URL`);
  const url = new URL(text);
  const isSsh = url.protocol === 'ssh:';
  if (!isSsh && url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new GitError('invalid', `unsupported transport '${url.protocol.slice(0, -1)}'`);
  }
  const username = decodeURIComponent(url.username);
  const password = decodeURIComponent(url.password);
  url.password = '';
  if (isSsh) {
    url.username ||= 'git';
    return { shownUrl, url, isSsh, credentials, proxy };
  }
  url.username = '';
  if (credentials.bearerToken && (username || password)) {
    throw new GitError('invalid', 'basic auth and bearer token cannot be set at the same time');
  }
  const filled = {
    ...credentials,
    ...(credentials.username || !username ? {} : { username }),
    ...(credentials.password || !password ? {} : { password }),
  };
  return { shownUrl, url, isSsh, credentials: filled, proxy };
}

/** The Authorization header, sent with the first request already; empty credentials are not sent. */
export function authorization({ username = '', password = '', bearerToken }: GitCredentials): string | undefined {
  if (bearerToken) return `Bearer ${bearerToken}`;
  if (username === '' && password === '') return undefined;
  return basicAuthorization({ username, password });
}
