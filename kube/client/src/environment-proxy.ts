import { KubeconfigError } from './kubeconfig.ts';

type Environment = Readonly<Record<string, string | undefined>>;

const variables = ['HTTPS_PROXY', 'HTTP_PROXY', 'ALL_PROXY'];
const schemes = new Set(['http:', 'https:', 'socks5:']);

/** `proxy-url` of a kubeconfig. */
export function parseProxyUrl(text: string, field: string): string {
  const url = URL.parse(text);
  if (!url?.host) throw new KubeconfigError(`${field} "${text.replace(/\/\/.*@/, '//***@')}" is no URL of a proxy`);
  if (schemes.has(url.protocol)) return text;
  const scheme = url.protocol.replace(':', '');
  throw new KubeconfigError(`${field}: unsupported scheme "${scheme}", must be http, https, or socks5`);
}

/**
 * The proxy that the environment asks for. `@flux/http` is loaded only where there may be one: it is a large part of the
 * start of a command.
 */
export async function environmentProxy(
  server: string,
  environment: Environment = process.env,
): Promise<string | undefined> {
  if (!variables.some((name) => environment[name] || environment[name.toLowerCase()])) return undefined;
  const { proxyFromEnvironment } = await import('@flux/http');
  const proxy = proxyFromEnvironment(new URL(server), environment);
  return proxy === undefined ? undefined : parseProxyUrl(proxy, 'the proxy of the environment');
}
