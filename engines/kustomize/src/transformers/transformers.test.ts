import type { JsonObject } from '@flux/apimachinery';
import { memoryFileSystem } from '@flux/fs';
import { expect, test } from 'vitest';
import { build, resourcesToObjects } from '../build.ts';
import { splitImage } from './images.ts';

async function objectsOf(
  kustomization: string,
  manifests: string,
  more: Record<string, string> = {},
): Promise<JsonObject[]> {
  const files = { '/kustomization.yaml': `resources: [all.yaml]\n${kustomization}`, '/all.yaml': manifests, ...more };
  return resourcesToObjects(await build(memoryFileSystem(files), '/', { reorder: 'none' }));
}

const binding = `apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: b}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: r}
subjects:
- {kind: ServiceAccount, name: default, namespace: old}
- {kind: ServiceAccount, name: other, namespace: old}
`;
const widget =
  'apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: w}\nspec: {host: "a.example.com:80", n: 1}\n';
const configMap = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {host: b.test, count: "7"}\n';

test('the namespace reaches only default service accounts of bindings, not the binding itself', async () => {
  const [object] = await objectsOf('namespace: new\n', binding);

  expect(object).toMatchObject({ subjects: [{ namespace: 'new' }, { namespace: 'old' }] });
  expect(object?.['metadata']).toEqual({ name: 'b' });
});

test('CRDs and namespaces keep their names', async () => {
  const crd = 'apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: w.example.com}\n';
  const [first, second] = await objectsOf('namePrefix: p-\n', `${crd}---\n${configMap}`);

  expect([first, second]).toMatchObject([{ metadata: { name: 'w.example.com' } }, { metadata: { name: 'p-c' } }]);
});

test('a replacement takes part of a value into part of another', async () => {
  const kustomization = `replacements:
- source: {kind: ConfigMap, name: c, fieldPath: data.host}
  targets:
  - select: {kind: Widget}
    fieldPaths: [spec.host]
    options: {delimiter: ":", index: 0}
- source: {kind: ConfigMap, name: c, fieldPath: data.count}
  targets:
  - select: {kind: Widget}
    fieldPaths: [spec.n, spec.made.here]
    options: {create: true}
`;
  const [, object] = await objectsOf(kustomization, `${configMap}---\n${widget}`);

  expect(object?.['spec']).toEqual({ host: 'b.test:80', n: 7, made: { here: 7 } });
});

test('a replacement may reject targets and fails when a field is missing', async () => {
  const kustomization = (reject: string): string => `replacements:
- source: {kind: ConfigMap, name: c, fieldPath: data.host}
  targets:
  - select: {kind: Widget}
    ${reject}
    fieldPaths: [spec.gone]
`;
  await expect(objectsOf(kustomization('options: {}'), `${configMap}---\n${widget}`)).rejects.toThrow(
    'unable to find field "spec.gone" in replacement target',
  );
  const rejecting = kustomization('reject: [{name: w}]');
  expect(await objectsOf(rejecting, `${configMap}---\n${widget}`)).toHaveLength(2);
});

test('YAML and JSON inside a text are edited in place', async () => {
  const texts = `apiVersion: v1
kind: ConfigMap
metadata: {name: texts}
data:
  config.yaml: |
    # a comment
    b:
      host: "old" # kept
    a: 1
  config.json: '{"z":1,"b":{"host":"old"}}'
`;
  const kustomization = `replacements:
- source: {kind: ConfigMap, name: c, fieldPath: data.host}
  targets:
  - select: {name: texts}
    fieldPaths: ['data.config\\.yaml.b.host', 'data.config\\.json.b.host']
`;
  const [, object] = await objectsOf(kustomization, `${configMap}---\n${texts}`);

  expect(object?.['data']).toEqual({
    'config.yaml': '# a comment\nb:\n  host: "b.test" # kept\na: 1',
    'config.json': '{"b":{"host":"b.test"},"z":1}',
  });
});

test('JSON inside a text keeps exact integers, and its keys are sorted as text', async () => {
  const texts = `apiVersion: v1
kind: ConfigMap
metadata: {name: texts}
data: {config.json: '{"10":1,"9":2,"id":12345678901234567890,"host":"old"}'}
`;
  const kustomization = `replacements:
- source: {kind: ConfigMap, name: c, fieldPath: data.host}
  targets:
  - select: {name: texts}
    fieldPaths: ['data.config\\.json.host']
`;
  const [, object] = await objectsOf(kustomization, `${configMap}---\n${texts}`);

  expect(object?.['data']).toEqual({ 'config.json': '{"10":1,"9":2,"host":"b.test","id":12345678901234567890}' });
});

test('replicas fail for a name that nothing has', async () => {
  await expect(objectsOf('replicas: [{name: none, count: 1}]\n', configMap)).rejects.toThrow(
    'resource with name none does not match a config with the following GVK',
  );
});

test('patches choose targets by expressions that match whole names', async () => {
  const patch = (name: string): string => `patches:
- target: {name: "${name}"}
  patch: '[{"op": "add", "path": "/metadata/annotations/x", "value": "y"}]'
`;
  const annotated = { metadata: { annotations: { x: 'y' } } };

  expect(await objectsOf(patch('c|d'), configMap)).toMatchObject([annotated]);
  expect(await objectsOf(patch('.'), configMap)).toMatchObject([annotated]);
  expect((await objectsOf(patch('cc'), configMap))[0]?.['metadata']).toEqual({ name: 'c' });
});

test('a patch may rename its target when it is allowed to', async () => {
  const patch = 'apiVersion: v1, kind: ConfigMap, metadata: {name: renamed}';
  const kustomization = (allow: boolean): string =>
    `patches:\n- target: {name: c}\n  patch: '{${patch}}'\n  options: {allowNameChange: ${allow}}\n`;

  expect(await objectsOf(kustomization(true), configMap)).toMatchObject([{ metadata: { name: 'renamed' } }]);
  expect(await objectsOf(kustomization(false), configMap)).toMatchObject([{ metadata: { name: 'c' } }]);
});

test('vars are replaced with the type of their value', async () => {
  const kustomization = `vars:
- name: COUNT
  objref: {apiVersion: example.com/v1, kind: Widget, name: w}
  fieldref: {fieldPath: spec.n}
configurations: [config.yaml]
`;
  const target =
    'apiVersion: example.com/v1\nkind: Other\nmetadata: {name: o}\nspec: {whole: $(COUNT), part: "n=$(COUNT) $$(X)"}\n';
  const [, object] = await objectsOf(kustomization, `${widget}---\n${target}`, {
    '/config.yaml': 'varReference:\n- {path: spec/whole, kind: Other}\n- {path: spec/part, kind: Other}\n',
  });

  expect(object?.['spec']).toEqual({ whole: 1, part: 'n=1 $(X)' });
});

test('generated maps merge into and replace those of a base', async () => {
  const files = {
    '/base/kustomization.yaml':
      'configMapGenerator:\n- {name: m, literals: [a=1, b=2]}\n- {name: r, literals: [a=1]}\n',
    '/kustomization.yaml': `resources: [base]
generatorOptions: {disableNameSuffixHash: true}
configMapGenerator:
- {name: m, behavior: merge, literals: [b=3]}
- {name: r, behavior: replace, envs: [e.env]}
`,
    '/e.env': '# comment\nX=1\nY\n',
  };
  const objects = resourcesToObjects(await build(memoryFileSystem(files), '/', { reorder: 'none' }));

  expect(objects).toMatchObject([
    { metadata: { name: 'm' }, data: { a: '1', b: '3' } },
    { metadata: { name: 'r' }, data: { X: '1', Y: '' } },
  ]);
  expect(objects[1]?.['data']).not.toHaveProperty('a');
});

test('a component changes what was gathered before it', async () => {
  const objects = await objectsOf('components: [comp]\n', configMap, {
    '/comp/kustomization.yaml':
      'apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nnameSuffix: -x\nconfigMapGenerator: [{name: g}]\n',
  });

  expect(objects).toMatchObject([
    { metadata: { name: 'c-x' } },
    { metadata: { name: expect.stringMatching(/^g-x-/) } },
  ]);
});

test.each([
  ['nginx', { name: 'nginx', tag: '', digest: '' }],
  ['host:5000/a/b:t@sha256:1', { name: 'host:5000/a/b', tag: 't', digest: 'sha256:1' }],
  ['a@sha256:1', { name: 'a', tag: '', digest: 'sha256:1' }],
])('the image %s is split', (image, parts) => {
  expect(splitImage(image)).toEqual(parts);
});

test('a dot in the name of an image stands for any character, as in kustomize', async () => {
  const pod = (image: string) =>
    `apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{image: "${image}"}]}\n`;
  const imageOf = async (image: string) => {
    const [object] = await objectsOf('images: [{name: ghcr.io/a, newTag: "2"}]\n', pod(image));
    return object?.['spec'];
  };

  expect(await imageOf('ghcr.io/a:1')).toEqual({ containers: [{ image: 'ghcr.io/a:2' }] });
  expect(await imageOf('ghcr-io/a')).toEqual({ containers: [{ image: 'ghcr-io/a:2' }] });
  expect(await imageOf('ghcr.io/ab:1')).toEqual({ containers: [{ image: 'ghcr.io/ab:1' }] });
});
