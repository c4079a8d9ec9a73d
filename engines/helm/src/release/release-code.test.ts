import { gzipSync } from 'node:zlib';
import { GoInt } from '@flux/gotemplate';
import { expect, test } from 'vitest';
import type { Release } from './release.ts';
import { decodeRelease, encodeRelease } from './release-code.ts';

const release: Release = {
  name: 'app',
  info: { first_deployed: '2026-01-01T00:00:00.5Z', last_deployed: '2026-01-02T00:00:00Z', status: 'deployed' },
  chart: {
    metadata: { name: 'app', version: '1.0.0+a', apiVersion: 'v2' },
    templates: [{ name: 'templates/a.yaml', data: Buffer.from('a: ü'), modifiedAt: new Date('2026-01-01T00:00:00Z') }],
    values: { a: 1.5, b: null },
    schema: Buffer.from('{}'),
    files: [],
  },
  config: { a: { b: [1, 'x', true] } },
  manifest: '---\n# Source: app/templates/a.yaml\na: 1\n',
  hooks: [
    {
      name: 'h',
      kind: 'Job',
      path: 'app/templates/h.yaml',
      manifest: 'kind: Job',
      events: ['pre-install'],
      last_run: { phase: 'Running', started_at: '2026-01-01T00:00:00Z' },
      weight: -1,
      delete_policies: ['hook-succeeded'],
    },
  ],
  version: 3,
  namespace: 'ns',
  apply_method: 'ssa',
};

function encodeJson(value: unknown): string {
  return gzipSync(JSON.stringify(value)).toString('base64');
}

test('a release comes back as it was (HELM-STORE-02, HELM-STORE-03)', async () => {
  const decoded = await decodeRelease(await encodeRelease(release));

  expect(decoded).toEqual(release);
});

test('integers of --set are stored as numbers, labels not at all', async () => {
  const stored = { ...release, labels: { team: 'a' }, config: { n: [new GoInt(2n ** 60n, 'int64')] } };

  const decoded = await decodeRelease(await encodeRelease(stored));

  expect(decoded.config).toEqual({ n: [2n ** 60n] });
  expect(decoded.labels).toBeUndefined();
});

test('releases of Helm 3 are read: plain JSON, empty times, no apply method (HELM-STORE-02, HELM-STORE-03)', async () => {
  const json = {
    name: 'old',
    info: { first_deployed: '2020-01-01T00:00:00+01:00', deleted: '', status: 'superseded' },
    chart: {
      metadata: { name: 'c', version: '1' },
      lock: null,
      templates: null,
      values: null,
      schema: null,
      files: [],
    },
    hooks: [{ name: 'h', events: ['test'], last_run: { started_at: '', completed_at: '', phase: '' } }],
    version: 1,
  };

  const plain = await decodeRelease(Buffer.from(JSON.stringify(json)).toString('base64'));

  expect(plain.info).toEqual({ first_deployed: '2020-01-01T00:00:00+01:00', status: 'superseded' });
  expect(plain.chart).toMatchObject({ templates: [], values: {}, files: [] });
  expect(plain.hooks[0]?.last_run).toEqual({ phase: '' });
  expect(plain.apply_method).toBeUndefined();
  expect(await decodeRelease(encodeJson(json))).toEqual(plain);
});

test('members of a newer Helm survive being read and written', async () => {
  const json = { name: 'new', info: { status: 'deployed', rollback_revision: 2 }, chart: { modtime: 'x' }, later: [1] };

  const again = await decodeRelease(await encodeRelease(await decodeRelease(encodeJson(json))));

  expect(again).toMatchObject({ later: [1], info: { rollback_revision: 2 }, chart: { modtime: 'x' } });
});

test('hostile keys stay plain data', async () => {
  const text = '{"name":"x","config":{"__proto__":{"polluted":true}}}';

  const decoded = await decodeRelease(Buffer.from(text).toString('base64'));

  expect(Object.keys(decoded.config ?? {})).toEqual(['__proto__']);
  expect(await encodeRelease(decoded).then(decodeRelease)).toEqual(decoded);
  expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
});

test('what is no release is refused, and so is a bomb', async () => {
  await expect(decodeRelease(Buffer.from('[]').toString('base64'))).rejects.toThrow('the release is not a JSON object');
  await expect(decodeRelease(Buffer.from('{').toString('base64'))).rejects.toThrow('json: ');
  const bomb = gzipSync(Buffer.alloc(300 * 2 ** 20), { level: 9 }).toString('base64');
  await expect(decodeRelease(bomb)).rejects.toThrow('Cannot create a Buffer larger than');
});
