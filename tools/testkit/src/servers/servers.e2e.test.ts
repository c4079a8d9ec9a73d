import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TemporaryDirectory, temporaryDirectory } from '@flux/fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startHelmRepository, startNotificationSink, startRegistry } from '../index.ts';

const basic = (text: string) => ({ authorization: `Basic ${Buffer.from(text).toString('base64')}` });

describe('the registry', () => {
  test('takes a blob and a manifest and gives them back', async () => {
    await using registry = await startRegistry();
    const name = `${registry.url}/v2/team/app`;
    const digest = 'sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a'; // of {}
    const upload = await fetch(`${name}/blobs/uploads/`, { method: 'POST' });
    const location = upload.headers.get('location')!;

    const stored = await fetch(`${location}&digest=${digest}`, {
      method: 'PUT',
      headers: { 'content-type': 'application/octet-stream' },
      body: '{}',
    });
    expect(stored.status).toBe(201);
    const type = 'application/vnd.oci.image.manifest.v1+json';
    const config = { mediaType: 'application/vnd.oci.image.config.v1+json', digest, size: 2 };
    const manifest = { schemaVersion: 2, mediaType: type, config, layers: [] };
    const tagged = await fetch(`${name}/manifests/v1`, {
      method: 'PUT',
      headers: { 'content-type': type },
      body: JSON.stringify(manifest),
    });
    expect(tagged.status).toBe(201);
    expect(await (await fetch(`${name}/tags/list`)).json()).toEqual({ name: 'team/app', tags: ['v1'] });
  });

  test('asks for its password', async () => {
    await using registry = await startRegistry({ auth: { username: 'user', password: 'correct' } });
    const status = async (headers: Record<string, string>) => (await fetch(`${registry.url}/v2/`, { headers })).status;

    expect(await status({})).toBe(401);
    expect(await status(basic('user:wrong'))).toBe(401);
    expect(await status(basic('user:correct'))).toBe(200);
  });
});

describe('the Helm repository', () => {
  let directory: TemporaryDirectory;

  beforeEach(async () => {
    directory = await temporaryDirectory('helm-repository-test');
    mkdirSync(join(directory.path, 'app'));
    writeFileSync(join(directory.path, 'app', 'Chart.yaml'), 'apiVersion: v2\nname: app\nversion: 1.2.3\n');
    execFileSync('tar', ['-czf', 'app-1.2.3.tgz', 'app'], { cwd: directory.path });
  });
  afterEach(() => directory[Symbol.asyncDispose]());

  test('lists the charts of the folder and serves them', async () => {
    await using server = await startHelmRepository(directory.path);
    const index: unknown = await (await fetch(`${server.url}/index.yaml`)).json();

    expect(index).toMatchObject({ entries: { app: [{ name: 'app', version: '1.2.3', urls: ['app-1.2.3.tgz'] }] } });
    const chart = Buffer.from(await (await fetch(`${server.url}/app-1.2.3.tgz`)).arrayBuffer());
    expect(chart.equals(readFileSync(join(directory.path, 'app-1.2.3.tgz')))).toBe(true);
    expect((await fetch(`${server.url}/..%2f..%2fetc/passwd`)).status).toBe(404);
  });

  test('serves an index that is there, and asks for its password', async () => {
    writeFileSync(join(directory.path, 'index.yaml'), 'apiVersion: v1\n');
    await using server = await startHelmRepository(directory.path, { auth: { username: 'user', password: 'correct' } });

    expect((await fetch(`${server.url}/index.yaml`)).status).toBe(401);
    const answer = await fetch(`${server.url}/index.yaml`, { headers: basic('user:correct') });
    expect(await answer.text()).toBe('apiVersion: v1\n');
  });
});

test('the notification sink keeps what it receives and answers as told', async () => {
  await using sink = await startNotificationSink();
  const waiting = sink.waitFor(({ path }) => path === '/hook?a=1', AbortSignal.timeout(60_000));
  const post = (path: string) =>
    fetch(`${sink.url}${path}`, { method: 'POST', headers: { 'x-sent-by': 'test' }, body: '{"a":1}' });

  await post('/other');
  expect((await post('/hook?a=1')).status).toBe(200);
  expect(await waiting).toMatchObject({ method: 'POST', body: '{"a":1}', headers: { 'x-sent-by': 'test' } });
  sink.answerWith(503, 'later');
  const refused = await post('/hook');
  expect([refused.status, await refused.text()]).toEqual([503, 'later']);
  expect(sink.requests.map(({ path }) => path)).toEqual(['/other', '/hook?a=1', '/hook']);
});
