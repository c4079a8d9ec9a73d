import { memoryFileSystem } from '@flux/fs';
import { expect, test } from 'vitest';
import { build } from '../build.ts';

const buildFile = (kustomization: string, files: Record<string, string> = {}) =>
  build(memoryFileSystem({ '/app/kustomization.yaml': kustomization, ...files }), '/app');

test.each([
  ['apiVersion: 1', 'number into Go struct field Kustomization.TypeMeta.apiVersion of type string'],
  ['- a', 'array into Go value of type types.Kustomization'],
  ['labels: [{includeSelectors: "true"}]', 'string into Go struct field Label.labels.includeSelectors of type bool'],
  ['patches: [{target: {name: 1}}]', 'number into Go struct field Selector.patches.target.ResId.name of type string'],
  [
    'configMapGenerator: [{literals: a=b}]',
    'string into Go struct field ConfigMapArgs.configMapGenerator.GeneratorArgs.KvPairSources.literals of type []string',
  ],
  ['replicas: [{count: 1.5}]', 'number 1.5 into Go struct field Replica.replicas.count of type int64'],
  [
    'helmCharts: [{valuesInline: a}]',
    'string into Go struct field HelmChart.helmCharts.valuesInline of type map[string]interface {}',
  ],
])('a wrong type in %j is told with the path of Go structs', async (text, message) => {
  await expect(buildFile(text)).rejects.toThrow(`invalid Kustomization: json: cannot unmarshal ${message}`);
});

test('of several faults the one whose key sorts first is told', async () => {
  await expect(buildFile('patches: 1\nconfigMapGenerator: [{kind: x}]\n')).rejects.toThrow(
    'invalid Kustomization: json: unknown field "kind"',
  );
  await expect(buildFile('helmCharts: [{foo: x}]\n')).rejects.toThrow('json: unknown field "foo"');
});

test('a plugin configuration takes numbers for texts, except in embedded structs', async () => {
  const plugin = (spec: string) =>
    buildFile('transformers: [t.yaml]\n', {
      '/app/t.yaml': `apiVersion: builtin\nkind: LabelTransformer\nmetadata: {name: t}\n${spec}`,
    });

  await expect(plugin('labels: {a: 1}\nfieldSpecs: [{path: 5}]\n')).resolves.toEqual([]);
  await expect(plugin('fieldSpecs: [{kind: 5}]\n')).rejects.toThrow(
    'fails configuration: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal number into Go struct ' +
      'field FieldSpec.fieldSpecs.Gvk.kind of type string',
  );
});

test('a repeated key in a configuration file is an error', async () => {
  const files = { '/app/c.yaml': 'images:\n- path: a\n  path: b\n' };

  await expect(buildFile('configurations: [c.yaml]\n', files)).rejects.toThrow(
    'error converting YAML to JSON: yaml: unmarshal errors:\n  line 3: key "path" already set in map',
  );
});
