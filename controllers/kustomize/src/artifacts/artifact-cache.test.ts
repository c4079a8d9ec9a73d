import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Artifact } from '@flux/api';
import { packToBytes, temporaryDirectory } from '@flux/fs';
import { ArchiveNotFoundError } from '@flux/http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ArtifactCache } from './artifact-cache.ts';

let server: Server;
let artifact: Artifact;
let requests = 0;
const { signal } = new AbortController();

beforeAll(async () => {
  await using directory = await temporaryDirectory('artifact');
  await writeFile(join(directory.path, 'a.yaml'), 'a: b\n');
  const { bytes, digest, size } = await packToBytes(directory.path);
  server = createServer((request, response) => {
    requests++;
    response.writeHead(request.url === '/a.tar.gz' ? 200 : 404).end(bytes);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/a.tar.gz`;
  artifact = { path: 'a.tar.gz', url, revision: 'r', digest, size, lastUpdateTime: '2026-01-01T00:00:00Z' };
});

afterAll(() => void server.close());

test('users of one artifact share its files, which go with the cache', async () => {
  await using stack = new AsyncDisposableStack();
  const cache = stack.use(new ArtifactCache({ retries: 0 }));
  requests = 0;

  const [first, second] = await Promise.all([cache.fetch(artifact, signal), cache.fetch(artifact, signal)]);
  await first[Symbol.asyncDispose]();
  await second[Symbol.asyncDispose]();
  const third = await cache.fetch(artifact, signal);

  expect(requests).toBe(1);
  expect(new Set([first.root, second.root, third.root]).size).toBe(1);
  expect(await readFile(join(third.root, 'a.yaml'), 'utf8')).toBe('a: b\n');
  await stack.disposeAsync();
  expect(existsSync(third.root)).toBe(false);
});

test('a missing and a tampered artifact are told apart (KUS-SRC-05, KUS-SRC-06)', async () => {
  await using cache = new ArtifactCache({ retries: 0 });
  const missing = { ...artifact, url: artifact.url.replace('a.tar.gz', 'b.tar.gz') };
  const tampered = { ...artifact, digest: `sha256:${'0'.repeat(64)}` };

  await expect(cache.fetch(missing, signal)).rejects.toBeInstanceOf(ArchiveNotFoundError);
  await expect(cache.fetch(tampered, signal)).rejects.toThrow(
    `failed to verify archive: computed digest doesn't match provided '${tampered.digest}'`,
  );
});

test('SOURCE_CONTROLLER_LOCALHOST takes the place of the host (KUS-SRC-08)', async () => {
  const { host } = new URL(artifact.url);
  await using cache = new ArtifactCache({ retries: 0, environment: { SOURCE_CONTROLLER_LOCALHOST: host } });
  const elsewhere = { ...artifact, url: 'http://source-controller.flux-system.svc/a.tar.gz' };

  const files = await cache.fetch(elsewhere, signal);

  expect(existsSync(join(files.root, 'a.yaml'))).toBe(true);
});
