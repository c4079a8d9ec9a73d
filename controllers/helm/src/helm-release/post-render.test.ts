import type { HelmRelease } from '@flux/api';
import { expect, test } from 'vitest';
import { postRendererOf } from './post-render.ts';

const release = (spec: object): HelmRelease =>
  ({
    apiVersion: 'helm.toolkit.fluxcd.io/v2',
    kind: 'HelmRelease',
    metadata: { name: 'demo', namespace: 'team' },
    spec,
  }) as HelmRelease;

const manifest = `apiVersion: v1
kind: ConfigMap
metadata:
  name: a
  labels:
    own: "yes"
data:
  key: value # a comment
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: d
spec:
  template:
    spec:
      containers:
        - name: main
          image: nginx:1.25
`;

test('every object is labelled with the HelmRelease, and only there (HELM-POST-01)', async () => {
  const text = await postRendererOf(release({}))(manifest);

  expect(text).toContain(
    '    helm.toolkit.fluxcd.io/name: demo\n    helm.toolkit.fluxcd.io/namespace: team\n    own: "yes"\n',
  );
  expect(text).not.toContain('comment');
  expect(text.match(/toolkit\.fluxcd\.io\/name: /g)).toHaveLength(2);
});

test('renderers run in order, then common metadata, then the origin', async () => {
  const patch = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata:\n  key: patched\n';
  const postRenderers = [
    { kustomize: { patches: [{ patch }] } },
    { kustomize: { images: [{ name: 'nginx', newTag: '2' }] } },
  ];
  const commonMetadata = { labels: { 'helm.toolkit.fluxcd.io/name': 'other', team: 'x' }, annotations: { note: 'n' } };

  const text = await postRendererOf(release({ postRenderers, commonMetadata }))(manifest);

  expect(text).toContain('key: patched');
  expect(text).toContain('image: nginx:2');
  expect(text).toContain('helm.toolkit.fluxcd.io/name: demo');
  expect(text).toContain('team: x');
  expect(text).toContain('note: "n"');
});

test('an object that comes twice is refused (HELM-POST-02)', async () => {
  const twice = `${manifest}---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n`;

  await expect(postRendererOf(release({}))(twice)).rejects.toThrow(
    'may not add resource with an already registered id: ConfigMap.v1.[noGrp]/a.[noNs]',
  );
});
