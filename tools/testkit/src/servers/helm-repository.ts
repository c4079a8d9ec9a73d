import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { extractArchive, temporaryDirectory } from '@flux/fs';
import { parseYaml } from '@flux/yaml';
import { type BasicAuth, refuseStranger } from './basic-auth.ts';
import { serveHttp, type TestHttpServer } from './serve-http.ts';

export interface HelmRepositoryOptions {
  /** Basic auth of the index and the charts. */
  auth?: BasicAuth;
}

/**
 * Serves the files of a folder as a Helm repository. `index.yaml` is made on each request from the charts (`*.tgz`) that lie
 * there, unless the folder has one.
 */
export function startHelmRepository(folder: string, { auth }: HelmRepositoryOptions = {}): Promise<TestHttpServer> {
  return serveHttp(async (request, response) => {
    if (refuseStranger(auth, request, response)) return;
    const content = await contentOf(folder, request);
    response.writeHead(content === undefined ? 404 : 200).end(content);
  });
}

/** Only files directly in the folder. */
async function contentOf(folder: string, request: IncomingMessage): Promise<Uint8Array | string | undefined> {
  const name = (request.url ?? '/').split('?')[0]!.slice(1);
  const names = await readdir(folder);
  if (names.includes(name)) return readFile(join(folder, name));
  return name === 'index.yaml' ? makeIndex(folder, names) : undefined;
}

/** JSON is YAML. */
async function makeIndex(folder: string, names: readonly string[]): Promise<string> {
  const entries: Record<string, unknown[]> = {};
  for (const name of names.filter((candidate) => candidate.endsWith('.tgz')).sort()) {
    const archive = await readFile(join(folder, name));
    const chart = await readChart(archive, name);
    const digest = createHash('sha256').update(archive).digest('hex');
    entries[chart.name] ??= [];
    entries[chart.name]!.push({ ...chart, digest, urls: [name], created: '2026-01-01T00:00:00Z' });
  }
  return JSON.stringify({ apiVersion: 'v1', entries, generated: '2026-01-01T00:00:00Z' });
}

async function readChart(archive: Uint8Array, file: string): Promise<{ name: string; [field: string]: unknown }> {
  await using directory = await temporaryDirectory('helm-repository');
  await extractArchive(archive, directory.path);
  const [top = ''] = await readdir(directory.path);
  const chart = parseYaml(await readFile(join(directory.path, top, 'Chart.yaml'), 'utf8'));
  if (typeof chart !== 'object' || chart === null || !('name' in chart) || typeof chart.name !== 'string') {
    throw new TypeError(`${file} has no chart name`);
  }
  return { ...chart, name: chart.name };
}
