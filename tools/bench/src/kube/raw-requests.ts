import { readFile } from 'node:fs/promises';
import { Agent, type RequestOptions, request } from 'node:https';
import { parseYaml } from '@flux/yaml';

interface Kubeconfig {
  clusters: { cluster: { server: string; 'certificate-authority-data': string } }[];
  users: { user: { token?: string; 'client-certificate-data'?: string; 'client-key-data'?: string } }[];
}

/** How to send requests without a client in between. */
export interface RawTarget {
  url: string;
  options: RequestOptions;
}

/** The server and identity of a kubeconfig with one of each. */
export async function rawTarget(path: string): Promise<RawTarget> {
  const { clusters, users } = parseYaml(await readFile(path, 'utf8')) as Kubeconfig;
  const cluster = clusters[0]!.cluster;
  const { token, 'client-certificate-data': cert, 'client-key-data': key } = users[0]!.user;
  const decode = (data: string) => Buffer.from(data, 'base64').toString('utf8');
  const tls = { ca: decode(cluster['certificate-authority-data']) };
  return {
    url: cluster.server,
    options: {
      ...tls,
      ...(cert && key ? { cert: decode(cert), key: decode(key) } : {}),
      headers: { accept: 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) },
      agent: new Agent({ ...tls, keepAlive: true, maxSockets: Number.POSITIVE_INFINITY }),
    },
  };
}

/** Reads an answer without decoding it: how long that took, and its bytes. */
export function download(target: RawTarget, path: string): Promise<{ ms: number; bytes: number }> {
  const start = performance.now();
  return new Promise((resolve, reject) => {
    const outgoing = request(`${target.url}${path}`, target.options, (response) => {
      let bytes = 0;
      response.on('data', (chunk: Buffer) => (bytes += chunk.length));
      response.on('error', reject);
      response.on('end', () => {
        if (response.statusCode === 200) resolve({ ms: performance.now() - start, bytes });
        else reject(new Error(`${path} answered ${response.statusCode}`));
      });
    });
    outgoing.on('error', reject);
    outgoing.end();
  });
}

/** An open watch; `onLines` hears how many events a piece brought. */
export function openWatch(target: RawTarget, path: string, onLines: (count: number) => void): Promise<() => void> {
  return new Promise((resolve, reject) => {
    const outgoing = request(`${target.url}${path}`, target.options, (response) => {
      response.on('data', (chunk: Buffer) => onLines(countLines(chunk)));
      response.on('error', () => undefined);
      if (response.statusCode === 200) resolve(() => outgoing.destroy());
      else reject(new Error(`${path} answered ${response.statusCode}`));
    });
    outgoing.on('error', reject);
    outgoing.end();
  });
}

function countLines(chunk: Buffer): number {
  let count = 0;
  for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) count += 1;
  return count;
}
