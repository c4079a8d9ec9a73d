import { readdirSync, readFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { digest, sha256Hex } from '@flux/crypto';
import { type TemporaryDirectory, temporaryDirectory } from '@flux/fs';
import { packTar } from 'modern-tar';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createHttpClient, type DownloadOptions, downloadArchive, type HttpClient } from './index.ts';

let client: HttpClient;
let directory: TemporaryDirectory;
let bytes: Uint8Array;
let close = () => {};
const retry = { retries: 2, minMs: 0, maxMs: 0 };

beforeEach(async () => {
  client = createHttpClient({ environment: {} });
  directory = await temporaryDirectory('download-test');
  bytes = gzipSync(
    await packTar([
      { header: { name: 'a.yaml', size: 2, type: 'file' }, body: 'a\n' },
      { header: { name: 'link', size: 0, type: 'symlink', linkname: '/etc/passwd' } },
    ]),
  );
});

afterEach(async () => {
  close();
  await client[Symbol.asyncDispose]();
  await directory[Symbol.asyncDispose]();
});

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  close = () => server.close() && server.closeAllConnections();
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/x.tar.gz`;
}

const download = (url: string, expected = `sha256:${sha256Hex(bytes)}`, options: Partial<DownloadOptions> = {}) =>
  downloadArchive({ url, digest: expected }, directory.path, { client, retry, ...options });

test('an artifact is downloaded, verified and extracted without its symlinks (KUS-SRC-07)', async () => {
  const url = await serve((_, response) => response.end(bytes));

  await download(url);

  expect(readdirSync(directory.path)).toEqual(['a.yaml']);
  expect(readFileSync(join(directory.path, 'a.yaml'), 'utf8')).toBe('a\n');
});

test('bare hex is SHA-256, other algorithms are named (KUS-SRC-06)', async () => {
  const url = await serve((_, response) => response.end(bytes));

  await download(url, sha256Hex(bytes));
  await download(url, await digest('blake3', bytes));
});

test('nothing is extracted when the digest differs', async () => {
  const url = await serve((_, response) => response.end(bytes));
  const wrong = `sha256:${'0'.repeat(64)}`;

  await expect(download(url, wrong)).rejects.toThrow(
    `failed to verify archive: computed digest doesn't match provided '${wrong}' (check whether file size exceeds max download size)`,
  );
  await expect(download(url, '')).rejects.toThrow('failed to verify archive: empty digest');
  await expect(download(url, 'md5:00')).rejects.toThrow('failed to verify archive: unsupported digest algorithm');
  expect(readdirSync(directory.path)).toEqual([]);
});

test('a missing artifact has its own error, another status says which (KUS-SRC-05)', async () => {
  const url = await serve((request, response) => response.writeHead(request.url === '/gone' ? 404 : 403).end());

  await expect(download(url.replace('x.tar.gz', 'gone'))).rejects.toMatchObject({ code: 'ARCHIVE_NOT_FOUND' });
  await expect(download(url)).rejects.toThrow(`failed to download archive from ${url} (status: 403 Forbidden)`);
});

test('server errors are tried again, then given up with the number of attempts', async () => {
  let requests = 0;
  const url = await serve((_, response) => {
    requests++;
    if (requests === 2) response.end(bytes);
    else response.writeHead(503).end();
  });

  await download(url);
  expect(requests).toBe(2);
  await expect(download(url)).rejects.toThrow(`failed to download archive: GET ${url} giving up after 3 attempt(s)`);
  expect(requests).toBe(5);
});

test('a refused connection is given up with its cause', async () => {
  const url = 'http://127.0.0.1:1/x';

  await expect(download(url)).rejects.toThrow(
    `failed to download archive: GET ${url} giving up after 3 attempt(s): Get "${url}": dial tcp 127.0.0.1:1: connect: connection refused`,
  );
});

test('the host can be overridden without touching the path (KUS-SRC-08)', async () => {
  let path = '';
  const url = await serve((request, response) => {
    path = request.url ?? '';
    response.end(bytes);
  });

  await download('http://source-controller.flux-system.svc.cluster.local./helmchart/a+1.tgz', undefined, {
    localhostOverride: new URL(url).host,
  });

  expect(path).toBe('/helmchart/a+1.tgz');
});

test('a download over the limit ends, and so does one that is aborted', async () => {
  const url = await serve((_, response) => response.end(bytes));

  await expect(download(url, undefined, { maxDownloadBytes: 10 })).rejects.toThrow(
    'artifact is greater than the max download size of 10 bytes',
  );
  await expect(download(url, undefined, { signal: AbortSignal.abort(new Error('stopped')) })).rejects.toThrow(
    'stopped',
  );
});

test('an archive that climbs out is refused after it was verified', async () => {
  bytes = gzipSync(await packTar([{ header: { name: '../x', size: 1, type: 'file' }, body: 'x' }]));
  const url = await serve((_, response) => response.end(bytes));

  await expect(download(url)).rejects.toThrow('failed to extract archive: tar contained invalid name error "../x"');
});
