import { isIPv4 } from 'node:net';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The proxy that HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY ask for, read as Go does: never for loopback, NO_PROXY entries
 * are domain suffixes, addresses, networks or `*` (SRC-FLAG-08).
 */
export function proxyFromEnvironment(url: URL, environment: Environment): string | undefined {
  const read = (name: string) => environment[name.toUpperCase()] || environment[name];
  const proxy = read(url.protocol === 'https:' ? 'https_proxy' : 'http_proxy') || read('all_proxy');
  if (!proxy || isLoopback(url.hostname) || isExcluded(url, read('no_proxy') ?? '')) return undefined;
  return proxy.includes('://') ? proxy : `http://${proxy}`;
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || (isIPv4(host) && host.startsWith('127.'));
}

function isExcluded(url: URL, noProxy: string): boolean {
  const entries = noProxy.split(',').map((entry) => entry.trim().toLowerCase());
  return entries.some((entry) => entry !== '' && (entry === '*' || excludes(entry, url)));
}

function excludes(entry: string, url: URL): boolean {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const [network = '', bits] = entry.split('/');
  if (bits !== undefined) return inNetwork(host, network, Number(bits));
  const port = /^([^:]+):(\d+)$/.exec(entry);
  if (port && port[2] !== (url.port || (url.protocol === 'https:' ? '443' : '80'))) return false;
  const name = (port?.[1] ?? entry).replace(/^\*\./, '.');
  return name.startsWith('.') ? host.endsWith(name) : host === name || host.endsWith(`.${name}`);
}

function inNetwork(host: string, network: string, bits: number): boolean {
  if (!isIPv4(host) || !isIPv4(network) || !(bits >= 0 && bits <= 32)) return false;
  const size = 2 ** (32 - bits);
  return Math.floor(toNumber(host) / size) === Math.floor(toNumber(network) / size);
}

function toNumber(address: string): number {
  return address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}
