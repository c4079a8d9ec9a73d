import { memoryFileSystem } from '@flux/fs';
import { expect, test } from 'vitest';
import { build, resourcesToYaml } from './build.ts';

const buildFile = async (kustomization: string, resource: string): Promise<string> => {
  const files = { '/kustomization.yaml': `resources: [r.yaml]\n${kustomization}`, '/r.yaml': resource };
  return resourcesToYaml(await build(memoryFileSystem(files), '/', { reorder: 'none' }));
};

const pod = (spec: string): string => `apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: ${spec}\n`;

test('a list that is merged by key holds nothing but maps', async () => {
  const patch = `patches: [{patch: '${pod('{}').replaceAll('\n', '\n\n')}'}]\n`;

  await expect(buildFile(patch, pod('{containers: [{name: a, env: [B]}]}'))).rejects.toThrow(
    'wrong node kind: expected MappingNode but got ScalarNode: node contents:\nB\n',
  );
});

test('the subjects of a binding are a list', async () => {
  const binding =
    'apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: {name: b}\nsubjects: {name: s}\n';

  await expect(buildFile('namespace: ns\n', binding)).rejects.toThrow(
    'setting namespace on (cluster)role binding subjects: wrong node kind: expected SequenceNode but got MappingNode',
  );
});

test('labels of a patch with a target keep their spelling', async () => {
  const kustomization = `patches:
- target: {kind: Pod}
  patch: |
    kind: Pod
    metadata:
      name: p
      labels: {a: 1.10, b: ~, c: -.5}
`;

  expect(await buildFile(kustomization, pod('{}'))).toContain('labels:\n    a: "1.10"\n    b: "~"\n    c: "-.5"\n');
});

test('a selector is refused in the words of kustomize', async () => {
  const kustomization = 'patches: [{target: {labelSelector: \'a b\'}, patch: \'[{"op": "remove", "path": "/a"}]\'}]\n';

  await expect(buildFile(kustomization, pod('{}'))).rejects.toThrow(
    "unable to parse requirement: found 'b', expected: '=', '!=', '==', 'in', notin'",
  );
});

test('a repeated key of a generator is told after all sources were read', async () => {
  const kustomization = (literals: string): string => `configMapGenerator: [{name: c, literals: [${literals}]}]\n`;

  await expect(buildFile(kustomization('a=1, a=2'), pod('{}'))).rejects.toThrow(
    /^configmap c illegally repeats the key `a`$/,
  );
  await expect(buildFile(kustomization('a=1, a=2, b'), pod('{}'))).rejects.toThrow('invalid literal source b');
});

test('notes of earlier transformers make annotations to which a plugin adds, and hashes come early when asked for', async () => {
  const kustomization = `namePrefix: x-
configMapGenerator: [{name: c}]
transformers:
- |
  {apiVersion: builtin, kind: HashTransformer, metadata: {name: h}}
- |
  {apiVersion: builtin, kind: AnnotationsTransformer, metadata: {name: a}, annotations: {k: v}, fieldSpecs: [{path: metadata/annotations}]}
`;

  const built = await buildFile(kustomization, pod('{}'));

  expect(built).toContain('metadata:\n  annotations:\n    k: v\n  name: x-p\n');
  expect(built).toMatch(/name: x-c-[a-z0-9]{10}-[a-z0-9]{10}\n/);
});
