import type { KubeObject } from '@flux/apimachinery';
import { type Cluster, NoMatchError } from '@flux/client';
import { expect, test } from 'vitest';
import { waitUntilServed } from './served-kinds.ts';

const definition = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'widgets.example.com' },
  spec: {
    group: 'example.com',
    names: { kind: 'Widget' },
    versions: [
      { name: 'v1', served: true },
      { name: 'v1alpha1', served: false },
    ],
  },
} satisfies KubeObject;

test('a definition is waited for until discovery lists what it serves (KUS-APPLY-04)', async () => {
  const asked: string[] = [];
  const cluster = discovery((apiVersion) => {
    asked.push(apiVersion);
    return asked.length > 2;
  });

  await waitUntilServed(cluster, [definition], { timeoutMs: 60_000 });

  expect(asked).toEqual(['example.com/v1', 'example.com/v1', 'example.com/v1']);
});

test('a kind that never appears ends the wait without a failure, and a signal with one', async () => {
  const never = discovery(() => false);

  await waitUntilServed(never, [definition], { timeoutMs: 1 });
  await expect(
    waitUntilServed(never, [definition], { timeoutMs: 60_000, signal: AbortSignal.abort(new Error('superseded')) }),
  ).rejects.toThrow('superseded');
});

/** The one method that is used. */
function discovery(lists: (apiVersion: string) => boolean): Pick<Cluster, 'mapping'> {
  return {
    mapping: async ({ apiVersion, kind }) => {
      if (!lists(apiVersion)) throw new NoMatchError(`no matches for kind "${kind}" in version "${apiVersion}"`);
      return { group: 'example.com', version: 'v1', kind, resource: 'widgets', namespaced: true } as never;
    },
  };
}
