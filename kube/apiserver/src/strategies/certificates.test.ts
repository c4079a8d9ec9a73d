import { afterAll, beforeAll, expect, test } from 'vitest';
import { DirectClient } from '../testing/direct-client.ts';

const requests = '/apis/certificates.k8s.io/v1/certificatesigningrequests';
const certificate = Buffer.from('-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n').toString('base64');

let client: DirectClient;
beforeAll(async () => {
  client = await DirectClient.start({ controllers: false, now: () => new Date('2026-01-01T00:00:00Z') });
});
afterAll(() => client.close());

test('approving and signing are apart, and decisions are dated', async () => {
  const spec = { request: certificate, signerName: 'example.com/signer', usages: ['client auth'] };
  const created = await client.create(requests, { metadata: { name: 'jane' }, spec });
  expect(created['spec']).toMatchObject({ username: 'admin', groups: ['system:masters', 'system:authenticated'] });

  const approved = { type: 'Approved', status: 'True', reason: 'Ok', message: 'fine' };
  const decided = await client.send('PUT', `${requests}/jane/approval`, {
    ...created,
    status: { certificate, conditions: [approved] },
  });
  const dated = { ...approved, lastTransitionTime: '2026-01-01T00:00:00Z', lastUpdateTime: '2026-01-01T00:00:00Z' };
  expect(decided.body['status']).toEqual({ conditions: [dated] });

  const signed = await client.send('PUT', `${requests}/jane/status`, { ...decided.body, status: { certificate } });
  expect(signed.body['status']).toEqual({ certificate, conditions: [dated] });
});
