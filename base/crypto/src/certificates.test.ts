import { createPrivateKey, X509Certificate } from 'node:crypto';
import { createServer, request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { createAuthority, issueCertificate } from './index.ts';

test('an authority issues certificates that verify against it', async () => {
  const authority = await createAuthority({ commonName: 'flux-ca', days: 10 });
  const { certPem, keyPem } = await issueCertificate(authority, {
    commonName: 'kube-apiserver',
    dnsNames: ['localhost', 'kubernetes.default.svc'],
    ipAddresses: ['127.0.0.1', '::1'],
    days: 5,
    usage: 'server',
  });

  const certificate = new X509Certificate(certPem);
  const issuer = new X509Certificate(authority.certPem);
  expect(issuer.ca).toBe(true);
  expect(certificate.ca).toBe(false);
  expect(certificate.verify(issuer.publicKey)).toBe(true);
  expect(certificate.checkIssued(issuer)).toBe(true);
  expect(certificate.checkHost('kubernetes.default.svc')).toBe('kubernetes.default.svc');
  expect(certificate.checkIP('127.0.0.1')).toBe('127.0.0.1');
  expect(certificate.checkPrivateKey(createPrivateKey(keyPem))).toBe(true);
});

test('client certificates carry the user and every group in the subject', async () => {
  const authority = await createAuthority({ commonName: 'ca', days: 1 });
  const { certPem } = await issueCertificate(authority, {
    commonName: 'admin, the "first"',
    organizations: ['system:masters', 'dev'],
    days: 1,
    usage: 'client',
  });

  const subject = new X509Certificate(certPem).toLegacyObject().subject;
  expect(subject).toMatchObject({ CN: 'admin, the "first"', O: ['system:masters', 'dev'] });
});

test('a TLS server and a client with a certificate trust each other', async () => {
  const authority = await createAuthority({ commonName: 'ca', days: 1 });
  const server = await issueCertificate(authority, {
    commonName: 's',
    ipAddresses: ['127.0.0.1'],
    days: 1,
    usage: 'server',
  });
  const client = await issueCertificate(authority, { commonName: 'jane', days: 1, usage: 'client' });
  const https = createServer(
    { key: server.keyPem, cert: server.certPem, ca: authority.certPem, requestCert: true, rejectUnauthorized: true },
    (incoming, response) => {
      const socket = incoming.socket as import('node:tls').TLSSocket;
      response.end(String(socket.getPeerCertificate().subject.CN));
    },
  );
  await new Promise<void>((resolve) => https.listen(0, '127.0.0.1', resolve));

  const body = await new Promise<string>((resolve, reject) => {
    const { port } = https.address() as AddressInfo;
    request({ host: '127.0.0.1', port, ca: authority.certPem, cert: client.certPem, key: client.keyPem }, (answer) => {
      answer.setEncoding('utf8').on('data', resolve);
    })
      .on('error', reject)
      .end();
  }).finally(() => https.close());

  expect(body).toBe('jane');
});

test('the issuer has the very bytes of the name of the authority, by which Go finds it', async () => {
  const authority = await createAuthority({ commonName: 'flux-ca', days: 1 });
  const { certPem } = await issueCertificate(authority, { commonName: 'a', days: 1, usage: 'client' });

  // The UTF8String of the common name.
  const name = Buffer.from('\x0c\x07flux-ca', 'latin1');
  expect(new X509Certificate(authority.certPem).raw.includes(name)).toBe(true);
  expect(new X509Certificate(certPem).raw.includes(name)).toBe(true);
});
