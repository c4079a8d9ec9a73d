import type { KubeObject } from '@flux/apimachinery';
import { connectCluster } from '@flux/client';
import { expect, test } from 'vitest';
import { startEmbeddedCluster } from '../index.ts';

test('the embedded cluster serves the kinds of Flux, directly and over HTTPS', async () => {
  await using embedded = await startEmbeddedCluster();
  const object = {
    apiVersion: 'source.toolkit.fluxcd.io/v1',
    kind: 'GitRepository',
    metadata: { name: 'app', namespace: 'default' },
    spec: { interval: '1m', url: 'https://example.com/app.git' },
  };
  const { uid } = (await embedded.cluster.create<KubeObject>(object)).metadata;
  const remote = await connectCluster({ kubeconfig: embedded.kubeconfig });
  try {
    const { metadata } = await remote.get({ ...object, name: 'app', namespace: 'default' });
    expect(metadata.uid).toBe(uid);
  } finally {
    await remote.close();
  }
});
