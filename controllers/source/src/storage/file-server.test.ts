import { mkdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { type TemporaryDirectory, temporaryDirectory } from '@flux/fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type FileServer, serveFiles } from './file-server.ts';

let directory: TemporaryDirectory;
let server: FileServer;

beforeAll(async () => {
  directory = await temporaryDirectory('file-server-test');
  const root = join(directory.path, 'data');
  mkdirSync(join(root, 'dir'), { recursive: true });
  mkdirSync(join(root, 'site'));
  writeFileSync(join(root, 'site/index.html'), '<p>');
  writeFileSync(join(root, 'dir/sha256:ab+1.tar.gz'), '0123456789');
  writeFileSync(join(root, 'dir/<b>.yaml'), 'a: 1');
  writeFileSync(join(root, 'empty'), '');
  utimesSync(join(root, 'dir/sha256:ab+1.tar.gz'), 1000, 1000);
  symlinkSync('sha256:ab+1.tar.gz', join(root, 'dir/latest.tar.gz'));
  writeFileSync(join(directory.path, 'secret'), 'secret');
  symlinkSync('../../secret', join(root, 'dir/escape'));
  server = await serveFiles({ root, host: '127.0.0.1', port: 0 });
});
afterAll(async () => {
  await server.close();
  await directory[Symbol.asyncDispose]();
});

interface Answer {
  status: number | undefined;
  headers: Record<string, unknown>;
  body: string;
}

/** Paths go out as they are, which fetch would not do. */
function get(path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    request({ host: server.host, port: server.port, path, headers, method }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        body += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, body }));
    })
      .on('error', reject)
      .end();
  });
}

test.each([
  '/dir/sha256:ab+1.tar.gz',
  '/dir/sha256%3Aab%2B1.tar.gz',
  '/dir/latest.tar.gz',
  '/dir/../dir/sha256:ab+1.tar.gz',
])('%s is the file, raw or escaped or through a symlink (SRC-ART-10)', async (path) => {
  const answer = await get(path);

  expect(answer).toMatchObject({ status: 200, body: '0123456789' });
  expect(answer.headers).toMatchObject({
    'content-length': '10',
    'content-type': 'application/gzip',
    'accept-ranges': 'bytes',
    'last-modified': 'Thu, 01 Jan 1970 00:16:40 GMT',
  });
});

test.each([
  ['/gone', 404],
  ['/../secret', 404],
  ['/%2e%2e/secret', 404],
  ['/dir/escape', 404],
  ['/dir/%00', 400],
  ['/%zz', 400],
])('%s answers %i', async (path, status) => {
  expect(await get(path)).toMatchObject({ status });
});

test.each([
  ['bytes=2-4', 206, '234', 'bytes 2-4/10'],
  ['bytes=7-', 206, '789', 'bytes 7-9/10'],
  ['bytes=-3', 206, '789', 'bytes 7-9/10'],
  ['bytes=5-100', 206, '56789', 'bytes 5-9/10'],
  ['bytes=0-1,3-4', 200, '0123456789', undefined],
  ['bytes=10-', 416, 'invalid range: failed to overlap\n', 'bytes */10'],
])('the range %s gives %i', async (range, status, body, contentRange) => {
  const answer = await get('/dir/latest.tar.gz', { range });

  expect(answer).toMatchObject({ status, body });
  expect(answer.headers['content-range']).toBe(contentRange);
});

test('HEAD has no body, other methods are refused, an unchanged file is not sent', async () => {
  expect(await get('/dir/latest.tar.gz', {}, 'HEAD')).toMatchObject({ status: 200, body: '' });
  expect(await get('/dir/latest.tar.gz', {}, 'POST')).toMatchObject({ status: 405 });
  const since = { 'if-modified-since': 'Thu, 01 Jan 1970 00:16:40 GMT' };
  expect(await get('/dir/latest.tar.gz', since)).toMatchObject({ status: 304, body: '' });
  expect(await get('/empty')).toMatchObject({ status: 200, body: '' });
});

test('a directory is listed with its names escaped, index.html stands for its directory', async () => {
  expect(await get('/dir')).toMatchObject({ status: 301, headers: { location: 'dir/' } });
  expect((await get('/dir/')).body).toBe(
    '<!doctype html>\n<meta name="viewport" content="width=device-width">\n<pre>\n' +
      '<a href="%3Cb%3E.yaml">&lt;b&gt;.yaml</a>\n<a href="escape">escape</a>\n<a href="latest.tar.gz">latest.tar.gz</a>\n' +
      '<a href="sha256:ab+1.tar.gz">sha256:ab+1.tar.gz</a>\n</pre>\n',
  );
  expect(await get('/site/')).toMatchObject({ status: 200, body: '<p>' });
  expect(await get('/site/index.html')).toMatchObject({ status: 301, headers: { location: './' } });
});

test('a port that is taken is told', async () => {
  await expect(serveFiles({ root: directory.path, host: '127.0.0.1', port: server.port })).rejects.toMatchObject({
    code: 'FILE_SERVER',
  });
});
