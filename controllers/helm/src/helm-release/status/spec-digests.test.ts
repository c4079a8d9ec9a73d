import type { HelmRelease } from '@flux/api';
import { sha256Hex } from '@flux/crypto';
import { expect, test } from 'vitest';
import { specDigestsOf } from './spec-digests.ts';

const digests = (spec: object) => specDigestsOf({ spec } as HelmRelease, 'sha256');

test('common metadata is digested with sorted keys (HELM-POST-04)', async () => {
  const commonMetadata = { labels: { b: '1', a: '2' }, annotations: { x: 'y' } };

  expect(await digests({ commonMetadata })).toEqual({
    commonMetadata: 'sha256:518ca2920d2c888bf377b54fafe59c0a37cec33acbeae33d4b374bae39335aee',
  });
});

test('post renderers are digested in the key order of their Go types', async () => {
  const patch = { target: { name: 'x', kind: 'Deployment', labelSelector: '' }, patch: 'a < b' };
  const images = [{ newTag: '2', name: 'nginx' }];
  const json =
    '[{"kustomize":{"patches":[{"patch":"a \\u003c b","target":{"kind":"Deployment","name":"x"}}],"images":[{"name":"nginx","newTag":"2"}]}}]\n';

  expect(await digests({ postRenderers: [{ kustomize: { images, patches: [patch] } }] })).toEqual({
    postRenderers: `sha256:${sha256Hex(json)}`,
  });
});

test('what is not set has no digest', async () => {
  expect(await digests({})).toEqual({});
});
