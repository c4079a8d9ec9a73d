import { FluxError } from '@flux/errors';
import { memoryFileSystem } from '@flux/fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { build, resourcesToYaml } from './build.ts';

type Files = Record<string, string>;

const configMap = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\ndata:\n  level: info\n';

/** The output, `error: …` for an error of ours, or `crash: …`. */
async function outcomeOf(files: Files, path = '/'): Promise<string> {
  try {
    return resourcesToYaml(await build(memoryFileSystem(files), path, { reorder: 'none' }));
  } catch (error) {
    return error instanceof FluxError ? `error: ${error.message}` : `crash: ${error}`;
  }
}

const bomb = `a: &a [x, x, x, x, x, x, x, x, x, x]
b: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a, *a]
c: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b, *b]
d: &d [*c, *c, *c, *c, *c, *c, *c, *c, *c, *c]
e: &e [*d, *d, *d, *d, *d, *d, *d, *d, *d, *d]
f: &f [*e, *e, *e, *e, *e, *e, *e, *e, *e, *e]
g: [*f, *f, *f, *f, *f, *f, *f, *f, *f, *f]
`;
const indented = bomb.replaceAll(/^/gm, '    ');

test('a file of environment variables may be longer than a call may have arguments', async () => {
  const env = Array.from({ length: 200_000 }, (_, index) => `K${index}=v\n`).join('');
  const generator = 'configMapGenerator:\n- name: a\n  envs: [a.env]\n';

  const outcome = await outcomeOf({ '/kustomization.yaml': generator, '/a.env': env });

  expect(outcome.slice(0, 60)).not.toMatch(/^(?:crash|error)/);
  expect(outcome).toContain('K199999: v\n');
});

test.each<[string, Files]>([
  ['a resource', { '/kustomization.yaml': 'resources: [c.yaml]\n', '/c.yaml': configMap + bomb }],
  ['a kustomization', { '/kustomization.yaml': `resources: [c.yaml]\n${bomb}`, '/c.yaml': configMap }],
  [
    'a patch',
    {
      '/kustomization.yaml': `resources: [c.yaml]\npatches:\n- patch: |\n${(configMap + bomb).replaceAll(/^/gm, '    ')}`,
      '/c.yaml': configMap,
    },
  ],
  [
    'a configuration of a transformer',
    {
      '/kustomization.yaml': `resources: [c.yaml]\ntransformers:\n- |\n    apiVersion: builtin\n    kind: LabelTransformer\n    metadata: {name: x}\n${indented}`,
      '/c.yaml': configMap,
    },
  ],
])('aliases that multiply in %s are refused', async (_, files) => {
  expect(await outcomeOf(files)).toMatch(/^error: /);
});

function replacements(count: number, one: string): string {
  return `resources: [c.yaml]\nreplacements:\n${one.repeat(count)}`;
}

test('a text that is put into itself again and again stops growing', async () => {
  const one = `- source: {kind: ConfigMap, fieldPath: data.level}
  targets: [{select: {kind: ConfigMap}, fieldPaths: [data.level], options: {delimiter: "/", index: -1}}]
`;

  const outcome = await outcomeOf({ '/kustomization.yaml': replacements(60, one), '/c.yaml': configMap });

  expect(outcome).toContain('error: a replacement may not copy more than 2000000 values in one build');
});

test('a map that is put into itself again and again stops growing', async () => {
  const one = (index: number) => `- source: {kind: ConfigMap, fieldPath: data}
  targets: [{select: {kind: ConfigMap}, fieldPaths: [data.k${index}], options: {create: true}}]
`;
  const all = Array.from({ length: 60 }, (_, index) => one(index)).join('');

  const outcome = await outcomeOf({ '/kustomization.yaml': replacements(1, all), '/c.yaml': configMap });

  expect(outcome).toContain('error: a replacement may not copy more than');
});

test('copies of many JSON patches count together', async () => {
  const patch = (index: number) =>
    `- target: {kind: ConfigMap}\n  patch: '[{"op":"copy","from":"/data","path":"/data/x${index}"}]'\n`;
  const all = Array.from({ length: 60 }, (_, index) => patch(index)).join('');

  const outcome = await outcomeOf({
    '/kustomization.yaml': `resources: [c.yaml]\npatches:\n${all}`,
    '/c.yaml': configMap,
  });

  expect(outcome).toContain('error: a JSON patch may not copy more than');
});

test('a long var in many places stops the build', async () => {
  const many = '$(LONG)'.repeat(40_000);
  const outcome = await outcomeOf({
    '/kustomization.yaml': `resources: [c.yaml, p.yaml]
vars: [{name: LONG, objref: {apiVersion: v1, kind: ConfigMap, name: settings}, fieldref: {fieldpath: data.level}}]
`,
    '/c.yaml': configMap.replace('info', 'i'.repeat(10_000)),
    '/p.yaml': `apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: c, args: ["${many}"]}]}\n`,
  });

  expect(outcome).toContain('a var may not copy more than');
});

test('a component that contains itself is a cycle, whichever way it goes', async () => {
  const component = 'apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n';
  const files = {
    '/app/kustomization.yaml': 'components: [../a]\n',
    '/a/kustomization.yaml': `${component}components: [../b]\n`,
    '/b/kustomization.yaml': `${component}components: [../a]\n`,
    '/self/kustomization.yaml': 'components: [../c]\n',
    '/c/kustomization.yaml': `${component}components: [../c]\n`,
    '/own/kustomization.yaml': 'resources: [.]\n',
  };

  expect(await outcomeOf(files, '/app')).toMatch(/^error: .*cycle detected: candidate root '\/a'/s);
  expect(await outcomeOf(files, '/self')).toMatch(/^error: .*cycle detected: candidate root '\/c'/s);
  expect(await outcomeOf(files, '/own')).toMatch(/^error: .*cycle detected: candidate root '\/own'/s);
});

/** Thirty levels of components, each of which uses the one below it twice. */
function doublingComponents(lowest: string): Files {
  const component = 'apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n';
  const files: Files = { '/l0/kustomization.yaml': component + lowest };
  for (let level = 1; level <= 30; level++) {
    const below = `../l${level - 1}`;
    files[`/l${level}/kustomization.yaml`] = `${component}components: [${below}, ${below}]\n`;
  }
  files['/app/kustomization.yaml'] = 'components: [../l30]\n';
  return files;
}

test('components that multiply without end are stopped', async () => {
  const files = doublingComponents('commonAnnotations: {a: b}\n');

  expect(await outcomeOf(files, '/app')).toMatch(/^error: .*too many kustomizations in one build/s);
});

test('the message of a failure far below does not double at each level above it', async () => {
  const outcome = await outcomeOf(doublingComponents('resources: [gone.yaml]\n'), '/app');

  expect(outcome).toContain('gone.yaml');
  expect(outcome.length).toBeLessThan(20_000);
});

const protoKeys = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'valueOf'];

test.each(protoKeys)('%s is an ordinary key in every field that takes keys', async (key) => {
  const files = {
    '/kustomization.yaml': `resources: [c.yaml]
commonAnnotations: {${key}: annotation}
labels: [{pairs: {${key}: label}, includeSelectors: true}]
configMapGenerator: [{name: ${key.replaceAll('_', '').toLowerCase()}, literals: [${key}=v], options: {labels: {${key}: v}}}]
patches:
- patch: |
    {apiVersion: v1, kind: ConfigMap, metadata: {name: settings}, data: {${key}: merged}, ${key}: {polluted: yes}}
- target: {kind: ConfigMap, name: settings}
  patch: '[{"op": "add", "path": "/data/a${key}", "value": "x"}, {"op": "copy", "from": "/data/${key}", "path": "/data/b${key}"}]'
replacements:
- source: {kind: ConfigMap, name: settings, fieldPath: data.${key}}
  targets: [{select: {kind: ConfigMap, name: settings}, fieldPaths: ["metadata.${key}.polluted", "metadata.annotations.${key}"], options: {create: true}}]
`,
    '/c.yaml': configMap,
  };

  expect(await outcomeOf(files)).not.toMatch(/^(crash|error)/);
  expect(Object.keys(Object.prototype)).toEqual([]);
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
});

const part = fc.oneof(
  fc.constantFrom(
    'metadata',
    'name',
    'data',
    'level',
    'spec',
    '*',
    '0',
    '-1',
    '-',
    '[name=x]',
    '[=info]',
    '[name=(a+)+$]',
    '[',
    ']',
    '[a',
    'a]',
    '',
    '\\.',
    '$patch',
    ...protoKeys,
  ),
  fc.string({ maxLength: 6 }),
);
const fieldPath = fc.array(part, { maxLength: 5 }).map((parts) => parts.join('.'));
const options = fc.record(
  { delimiter: fc.constantFrom('', '.', '/', 'n'), index: fc.integer({ min: -3, max: 4 }), create: fc.boolean() },
  { requiredKeys: [] },
);

test('any field path of a replacement works or fails with an error of ours', async () => {
  await fc.assert(
    fc.asyncProperty(
      fieldPath,
      fc.array(fieldPath, { maxLength: 3 }),
      options,
      options,
      async (from, to, read, write) => {
        const replacement = {
          source: { kind: 'ConfigMap', fieldPath: from, options: read },
          targets: [{ select: { kind: 'Pod' }, fieldPaths: to, options: write }],
        };
        const pod =
          'apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: x, image: "a:b"}], text: "{\\"a\\": [1]}"}\n';
        const outcome = await outcomeOf({
          '/kustomization.yaml': JSON.stringify({ resources: ['c.yaml', 'p.yaml'], replacements: [replacement] }),
          '/c.yaml': configMap,
          '/p.yaml': pod,
        });
        expect(outcome).not.toMatch(/^crash/);
        expect(Object.keys(Object.prototype)).toEqual([]);
      },
    ),
    { numRuns: 300 },
  );
});

const scalar = fc.oneof(
  fc.constantFrom('delete', 'replace', 'merge', 'x', 'main'),
  fc.integer(),
  fc.boolean(),
  fc.constant(null),
);
const key = fc.constantFrom(
  '$patch',
  '$retainKeys',
  '$setElementOrder/containers',
  '$deleteFromPrimitiveList/finalizers',
  'containers',
  'name',
  'spec',
  'template',
  'ports',
  'env',
  'metadata',
  'labels',
  'finalizers',
  '__proto__',
  'volumes',
);
const { patch } = fc.letrec<{ patch: unknown }>((tie) => ({
  patch: fc.oneof(
    { maxDepth: 5 },
    scalar,
    fc.array(tie('patch'), { maxLength: 3 }),
    fc.dictionary(key, tie('patch'), { maxKeys: 4 }),
  ),
}));

test('any strategic merge patch applies or fails with an error of ours', async () => {
  const deployment = `apiVersion: apps/v1
kind: Deployment
metadata: {name: x, finalizers: [a, b]}
spec: {template: {spec: {containers: [{name: main, env: [{name: A, value: b}], ports: [{containerPort: 1}]}], volumes: [{name: v}]}}}
`;
  await fc.assert(
    fc.asyncProperty(patch, patch, async (spec, pod) => {
      const merge = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'x' }, spec, a: { spec: pod } };
      const inner = { ...merge, spec: { template: { spec: pod } } };
      for (const each of [merge, inner]) {
        const outcome = await outcomeOf({
          '/kustomization.yaml': JSON.stringify({ resources: ['d.yaml'], patches: [{ patch: JSON.stringify(each) }] }),
          '/d.yaml': deployment,
        });
        expect(outcome).not.toMatch(/^crash/);
      }
      expect(Object.keys(Object.prototype)).toEqual([]);
    }),
    { numRuns: 200 },
  );
});
