import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { type CertifiedKey, createAuthority, issueCertificate } from '@flux/crypto';
import { afterEach, beforeAll, expect, test } from 'vitest';
import { createHttpClient, type TlsOptions } from './index.ts';

let authority: CertifiedKey;
let server: Server & { closeAllConnections(): void };

beforeAll(async () => {
  authority = await createAuthority({ commonName: 'ca', days: 1 });
});
afterEach(() => {
  server.close();
  server.closeAllConnections();
});

async function listen(made: typeof server): Promise<string> {
  server = made;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `https://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

async function listenTls(
  names: { ipAddresses?: string[]; dnsNames?: string[] },
  askForCertificate = false,
): Promise<string> {
  const issued = await issueCertificate(authority, { commonName: 'server', days: 1, usage: 'server', ...names });
  const options = { cert: issued.certPem, key: issued.keyPem, ca: authority.certPem, requestCert: askForCertificate };
  return listen(
    createServer({ ...options, rejectUnauthorized: askForCertificate }, (_, response) => response.end('ok')),
  );
}

async function get(url: string, tls: TlsOptions): Promise<string> {
  await using client = createHttpClient({ environment: {}, tls });
  const { body } = await client.bytes(url);
  return Buffer.from(body).toString();
}

test('names and authorities that do not fit are told as Go tells them', async () => {
  const other = await createAuthority({ commonName: 'other', days: 1 });
  const url = await listenTls({ ipAddresses: ['127.0.0.2'] });
  const named = url.replace('127.0.0.1', 'localhost');

  await expect(get(url, { ca: authority.certPem })).rejects.toThrow(
    `Get "${url}": tls: failed to verify certificate: x509: certificate is valid for 127.0.0.2, not 127.0.0.1`,
  );
  await expect(get(named, { ca: authority.certPem })).rejects.toThrow(
    'x509: certificate is not valid for any names, but wanted to match localhost',
  );
  await expect(get(url, { ca: other.certPem })).rejects.toThrow('x509: certificate signed by unknown authority');
  expect(await get(url, { insecureSkipVerify: true })).toBe('ok');
});

test('a server that wants another certificate of the client is told as Go tells it', async () => {
  const stranger = await createAuthority({ commonName: 'stranger', days: 1 });
  const foreign = await issueCertificate(stranger, { commonName: 'user', days: 1, usage: 'client' });
  const user = await issueCertificate(authority, { commonName: 'user', days: 1, usage: 'client' });
  const url = await listenTls({ ipAddresses: ['127.0.0.1'] }, true);
  const certificate = ({ certPem, keyPem }: CertifiedKey) => ({ ca: authority.certPem, cert: certPem, key: keyPem });

  expect(await get(url, certificate(user))).toBe('ok');
  await expect(get(url, { ca: authority.certPem })).rejects.toThrow(/remote error: tls: |EOF|connection reset/);
  await expect(get(url, certificate(foreign))).rejects.toThrow(/remote error: tls: |EOF|connection reset/);
});

test('a server that speaks http is told as Go tells it', async () => {
  const url = await listen(createHttpServer((_, response) => response.end('ok')));

  await expect(get(url, {})).rejects.toThrow(`Get "${url}": http: server gave HTTP response to HTTPS client`);
});
