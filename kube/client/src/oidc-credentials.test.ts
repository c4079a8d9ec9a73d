import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseYaml } from '@flux/yaml';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { resolveConnection } from './connect.ts';
import type { Credentials } from './connection.ts';

let directory: string;
let path: string;
let issuer: string;
let server: Server;
let asked: { authorization: string | undefined; form: Record<string, string> }[];
let answer: { status: number; body: unknown };

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'flux-oidc-'));
  path = join(directory, 'config');
  asked = [];
  server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const isDiscovery = request.url === '/.well-known/openid-configuration';
    const form = Object.fromEntries(new URLSearchParams(body));
    if (!isDiscovery) asked.push({ authorization: request.headers.authorization, form });
    response.writeHead(isDiscovery ? 200 : answer.status);
    response.end(JSON.stringify(isDiscovery ? { token_endpoint: `${issuer}/token` } : answer.body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await rm(directory, { recursive: true });
});

function token(expiresInSeconds: number): string {
  const claims = { exp: Math.floor(Date.now() / 1000) + expiresInSeconds };
  return `h.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.s`;
}

async function credentials(config: Record<string, string>): Promise<Credentials> {
  const provider = { name: 'oidc', config: { 'idp-issuer-url': issuer, 'client-id': 'kube', ...config } };
  const text = JSON.stringify({
    'current-context': 'c',
    contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
    clusters: [{ name: 'c', cluster: { server: 'https://c' } }],
    users: [{ name: 'u', user: { 'auth-provider': provider } }],
    preferences: { kept: true },
  });
  await writeFile(path, text, { mode: 0o640 });
  const connection = await resolveConnection({ kubeconfig: path });
  return connection.credentials!;
}

test('a token that is still good is used as it is', async () => {
  const idToken = token(3600);

  expect(await (await credentials({ 'id-token': idToken })).get()).toEqual({ authorization: `Bearer ${idToken}` });
  expect(asked).toEqual([]);
});

test('an expired token is replaced once for all who ask, and the new ones are written back', async () => {
  const next = token(3600);
  answer = { status: 200, body: { id_token: next, refresh_token: 'r2' } };
  const oidc = await credentials({ 'id-token': token(5), 'refresh-token': 'r1', 'client-secret': 's:3' });
  const identities = await Promise.all([oidc.get(), oidc.get()]);

  expect(identities).toEqual([{ authorization: `Bearer ${next}` }, { authorization: `Bearer ${next}` }]);
  const form = { grant_type: 'refresh_token', refresh_token: 'r1' };
  expect(asked).toEqual([{ authorization: `Basic ${btoa('kube:s%3A3')}`, form }]);
  const written = parseYaml(await readFile(path, 'utf8')) as { users: unknown[]; preferences: unknown };
  expect(written).toMatchObject({
    preferences: { kept: true },
    users: [{ name: 'u', user: { 'auth-provider': { config: { 'id-token': next, 'refresh-token': 'r2' } } } }],
  });
  expect([(await stat(path)).mode & 0o777, await readdir(directory)]).toEqual([0o640, ['config']]);
});

test('a refused token is replaced while there is a refresh token', async () => {
  answer = { status: 200, body: { id_token: token(7200) } };
  const oidc = await credentials({ 'id-token': token(3600), 'refresh-token': 'r1' });
  const refused = await oidc.get();

  expect(await oidc.refresh(refused)).toBe(true);
  expect(await oidc.refresh(refused)).toBe(true);
  expect(asked.map(({ form }) => form)).toEqual([
    { grant_type: 'refresh_token', refresh_token: 'r1', client_id: 'kube' },
  ]);
});

test('what is missing is named', async () => {
  await expect((await credentials({ 'id-token': token(-1) })).get()).rejects.toThrow(
    'no valid id-token, and cannot refresh without refresh-token',
  );
  await expect(credentials({ 'client-id': '' })).rejects.toThrow('auth-provider.config has no client-id');
  answer = { status: 200, body: {} };
  await expect((await credentials({ 'refresh-token': 'r' })).get()).rejects.toThrow('did not contain an id_token');
});

test('the refusal of the provider is told without its secrets', async () => {
  answer = { status: 400, body: { error: 'invalid_grant', error_description: 'expired', id_token: 'x' } };

  await expect((await credentials({ 'refresh-token': 'r' })).get()).rejects.toThrow(
    `the OpenID provider answered 400 at ${issuer}/token: invalid_grant: expired`,
  );
});

test('a kubeconfig that another program is writing is left alone', async () => {
  answer = { status: 200, body: { id_token: token(3600) } };
  const oidc = await credentials({ 'refresh-token': 'r' });
  const before = await readFile(path, 'utf8');
  await writeFile(`${path}.lock`, '');

  await expect(oidc.get()).rejects.toThrow(`could not write new tokens to ${path}: EEXIST`);
  expect(await readFile(path, 'utf8')).toBe(before);
});
