import { memoryFileSystem } from '@flux/fs';
import { expect, test } from 'vitest';
import { build } from '../build.ts';

test('a var with a namespace finds nothing that is cluster-scoped', async () => {
  const fs = memoryFileSystem({
    '/kustomization.yaml': `resources: [n.yaml]
vars: [{name: V, objref: {apiVersion: v1, kind: Namespace, name: ns, namespace: x}}]
`,
    '/n.yaml': 'apiVersion: v1\nkind: Namespace\nmetadata: {name: ns}\n',
  });

  await expect(build(fs, '/')).rejects.toThrow(
    "var '{V Namespace.v1.[noGrp] {metadata.name}}' cannot be mapped to a field in the set of known resources",
  );
});
