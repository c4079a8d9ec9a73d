import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { type CertifiedKey, createAuthority, issueCertificate } from '@flux/crypto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ChangingFile } from './changing-file.ts';
import type { Connection } from './connection.ts';
import { fileCredentials } from './file-credentials.ts';
import { httpTransport } from './http-transport.ts';

let directory: string;
let clock: number;
let server: Server | undefined;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'flux-files-'));
  clock = 0;
});

afterEach(async () => {
  server?.closeAllConnections();
  server?.close();
  server = undefined;
  await rm(directory, { recursive: true });
});

/** Replaces a file as a rotation does: the new one is moved over it. */
async function put(name: string, text: string): Promise<string> {
  const path = join(directory, name);
  await writeFile(`${path}.tmp`, text);
  await rename(`${path}.tmp`, path);
  return path;
}

function changing(name: string): ChangingFile {
  return new ChangingFile(join(directory, name), name, () => clock);
}

/** Answers with the name in the client's certificate and the token. */
async function listen(authority: CertifiedKey, port = 0): Promise<string> {
  const own = await issueCertificate(authority, {
    commonName: 's',
    days: 1,
    ipAddresses: ['127.0.0.1'],
    usage: 'server',
  });
  const tls = { cert: own.certPem, key: own.keyPem, requestCert: true, rejectUnauthorized: false };
  server = createServer(tls, (request, response) => {
    const { subject } = (request.socket as TLSSocket).getPeerCertificate();
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify([subject?.CN, request.headers.authorization]));
  });
  await new Promise<void>((resolve) => server?.listen(port, '127.0.0.1', resolve));
  return `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function clientCertificate(authority: CertifiedKey, commonName: string): Promise<CertifiedKey> {
  return issueCertificate(authority, { commonName, days: 1, usage: 'client' });
}

async function ask(connection: Connection): Promise<() => Promise<unknown>> {
  const transport = httpTransport(connection);
  return async () => (await transport.send({ method: 'GET', path: '/' })).body;
}

test('a new client certificate and token are used without a restart, but no certificate without its key', async () => {
  const authority = await createAuthority({ commonName: 'ca', days: 1 });
  const [one, two] = [await clientCertificate(authority, 'one'), await clientCertificate(authority, 'two')];
  await put('cert', one.certPem);
  await put('key', one.keyPem);
  await put('token', 'first\n');
  const certificate = { cert: changing('cert'), key: changing('key') };
  const credentials = fileCredentials({ token: changing('token'), certificate });
  const get = await ask({ server: await listen(authority), credentials, tls: { ca: authority.certPem } });
  expect(await get()).toEqual(['one', 'Bearer first']);

  await put('cert', two.certPem);
  await put('token', 'second');
  clock += 1000;
  expect(await get()).toEqual(['one', 'Bearer second']);

  await put('key', two.keyPem);
  clock += 1000;
  expect(await get()).toEqual(['two', 'Bearer second']);
});

test('a new authority is trusted without a restart', async () => {
  const old = await createAuthority({ commonName: 'ca', days: 1 });
  const next = await createAuthority({ commonName: 'ca', days: 1 });
  await put('ca', old.certPem);
  const url = await listen(old);
  const get = await ask({ server: url, tls: { ca: changing('ca') } });
  await get();
  const closed = new Promise((resolve) => server?.close(resolve));
  server?.closeAllConnections();
  await closed;
  await listen(next, Number(new URL(url).port));
  await expect(get()).rejects.toThrow('certificate');

  await put('ca', next.certPem);
  clock += 1000;
  expect(await get()).toEqual([null, null]);
});

test('while a file is missing or empty the last text is kept; at first that is an error', async () => {
  const token = changing('token');
  await expect(token.get()).rejects.toThrow(`unable to read token ${directory}/token: ENOENT`);
  await put('token', 'good');
  expect(await token.get()).toBe('good');
  await put('token', '');
  clock += 1000;

  expect(await token.get()).toBe('good');
});

test('a file is looked at once a second, after a refusal at once', async () => {
  await put('token', 'one');
  const credentials = fileCredentials({ token: changing('token') });
  const first = await credentials.get();
  await put('token', 'two');

  expect(await credentials.get()).toEqual(first);
  expect(await credentials.refresh(first)).toBe(true);
  expect(await credentials.get()).toEqual({ authorization: 'Bearer two' });
  expect(await credentials.refresh(first)).toBe(false);
});
