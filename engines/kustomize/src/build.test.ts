import { FluxError } from '@flux/errors';
import { memoryFileSystem } from '@flux/fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type BuildOptions, build, resourcesToObjects, resourcesToYaml } from './build.ts';

type Files = Record<string, string>;

async function yamlOf(files: Files, path = '/', options: BuildOptions = { reorder: 'none' }): Promise<string> {
  return resourcesToYaml(await build(memoryFileSystem(files), path, options));
}

function failureOf(files: Files, path = '/', options?: BuildOptions): Promise<string> {
  return yamlOf(files, path, options).then(
    (output) => `no failure: ${output}`,
    (error: unknown) => (error instanceof FluxError ? error.message : `crash: ${error}`),
  );
}

const deployment = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      containers:
      - name: main
        image: nginx:1.0
        env:
        - name: A
          value: "1"
`;
const configMap = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\ndata:\n  level: info\n';

test('names, namespace, labels and images are laid over a base', async () => {
  const files = {
    '/base/kustomization.yaml': 'resources: [deployment.yaml]\n',
    '/base/deployment.yaml': deployment,
    '/dev/kustomization.yaml': `resources: [../base]
namespace: dev
namePrefix: dev-
labels:
- pairs: {env: dev}
images:
- name: nginx
  newTag: "2.0"
`,
  };

  expect(await yamlOf(files, '/dev')).toBe(`apiVersion: apps/v1
kind: Deployment
metadata:
  labels:
    env: dev
  name: dev-web
  namespace: dev
spec:
  template:
    spec:
      containers:
      - env:
        - name: A
          value: "1"
        image: nginx:2.0
        name: main
`);
});

test('references follow the hash suffix of a generated ConfigMap', async () => {
  const files = {
    '/kustomization.yaml': 'resources: [pod.yaml]\nconfigMapGenerator:\n- name: settings\n  literals: [a=1]\n',
    '/pod.yaml': `apiVersion: v1
kind: Pod
metadata:
  name: p
spec:
  containers:
  - name: c
    envFrom:
    - configMapRef: {name: settings}
`,
  };

  const [pod, generated] = resourcesToObjects(await build(memoryFileSystem(files), '/', { reorder: 'none' }));

  expect(generated).toMatchObject({ metadata: { name: 'settings-h29d89cmmt' }, data: { a: '1' } });
  expect(pod).toMatchObject({
    spec: { containers: [{ envFrom: [{ configMapRef: { name: 'settings-h29d89cmmt' } }] }] },
  });
});

test('the default order is the legacy one, namespaces first', async () => {
  const files = {
    '/kustomization.yaml': 'resources: [all.yaml]\n',
    '/all.yaml': `${deployment}---\n${configMap}---\napiVersion: v1\nkind: Namespace\nmetadata:\n  name: n\n`,
  };

  const kinds = (await build(memoryFileSystem(files), '/')).map(({ kind }) => kind);

  expect(kinds).toEqual(['Namespace', 'ConfigMap', 'Deployment']);
});

test('a file outside of the folder is refused unless restrictions are off', async () => {
  const files = {
    '/shared/patch.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata: {level: debug}\n',
    '/app/kustomization.yaml': 'resources: [c.yaml]\npatches: [{path: ../shared/patch.yaml}]\n',
    '/app/c.yaml': configMap,
  };

  expect(await failureOf(files, '/app')).toContain("security; file '/shared/patch.yaml' is not in or below '/app'");
  expect(await yamlOf(files, '/app', { loadRestrictions: 'none' })).toContain('level: debug');
});

test('a cycle of bases is named with both folders', async () => {
  const files = {
    '/a/kustomization.yaml': 'resources: [../b]\n',
    '/b/kustomization.yaml': 'resources: [../a]\n',
  };

  expect(await failureOf(files, '/a')).toContain(
    "cycle detected: candidate root '/a' contains visited root '/b'".replace("'/b'", "'/a'"),
  );
});

test('bases that multiply without end are stopped', async () => {
  const files: Files = { '/l0/kustomization.yaml': 'resources: [c.yaml]\nnamePrefix: x-\n', '/l0/c.yaml': configMap };
  for (let level = 1; level <= 20; level++) {
    const wrap = (name: string) => `resources: [../l${level - 1}]\nnamePrefix: ${name}-\n`;
    files[`/l${level}a/kustomization.yaml`] = wrap('a');
    files[`/l${level}b/kustomization.yaml`] = wrap('b');
    files[`/l${level}/kustomization.yaml`] = `resources: [../l${level}a, ../l${level}b]\n`;
  }

  expect(await failureOf(files, '/l20')).toContain('too many kustomizations in one build');
});

test('exec and container functions are refused by kind', async () => {
  const files = {
    '/kustomization.yaml': 'generators: [g.yaml]\n',
    '/g.yaml': `apiVersion: example.com/v1
kind: Thing
metadata:
  name: g
  annotations:
    config.kubernetes.io/function: "container: {image: evil}"
`,
  };

  expect(await failureOf(files)).toBe(
    "loading generator plugins: failed to load generator: external plugins disabled; unable to load external plugin 'Thing'",
  );
});

test('helmCharts are refused with the name of the chart', async () => {
  const message = await failureOf({ '/kustomization.yaml': 'helmCharts:\n- name: podinfo\n' });

  expect(message).toContain('must specify --enable-helm');
  expect(message).toContain('name: podinfo');
});

test('an unknown field of the kustomization is an error that names it', async () => {
  expect(await failureOf({ '/kustomization.yaml': 'resourcse: []\n' })).toBe(
    'invalid Kustomization: json: unknown field "resourcse"',
  );
});

test('keys of Object.prototype are ordinary fields', async () => {
  const files = {
    '/kustomization.yaml': 'resources: [c.yaml]\ncommonLabels: {__proto__: x, constructor: why}\n',
    '/c.yaml': `${configMap}  __proto__: polluted\n  toString: text\n`,
  };

  const output = await yamlOf(files);

  expect(output).toContain('__proto__: polluted');
  expect(output).toContain('constructor: why');
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
});

test('a remote base needs a loader and is built from what the loader brings', async () => {
  const files = {
    '/kustomization.yaml': 'resources:\n- https://github.com/org/repo//deploy?ref=v1\n- https://x.test/c.yaml\n',
  };
  const remote = {
    fetchFile: async (url: string) => {
      if (!url.endsWith('.yaml')) throw new Error('404 Not Found');
      return new TextEncoder().encode(configMap);
    },
    cloneRepository: async () => ({
      fs: memoryFileSystem({
        '/clone/deploy/kustomization.yaml': 'resources: [d.yaml]\n',
        '/clone/deploy/d.yaml': deployment,
      }),
      root: '/clone',
    }),
  };

  expect(await failureOf(files)).toContain('remote bases are not available');
  const kinds = (await build(memoryFileSystem(files), '/', { remote, reorder: 'none' })).map(({ kind }) => kind);
  expect(kinds).toEqual(['Deployment', 'ConfigMap']);
});

test('deprecated fields are reported', async () => {
  const warnings: string[] = [];
  const files = {
    '/kustomization.yaml': 'bases: [base]\n',
    '/base/kustomization.yaml': 'resources: [c.yaml]\n',
    '/base/c.yaml': configMap,
  };

  await build(memoryFileSystem(files), '/', { onWarning: (message) => warnings.push(message) });

  expect(warnings).toEqual([
    "# Warning: 'bases' is deprecated. Please use 'resources' instead. Run 'kustomize edit fix' to update your Kustomization automatically.",
  ]);
});

test('a huge regular expression in a selector takes no time', async () => {
  const files = {
    '/kustomization.yaml': `resources: [c.yaml]
patches:
- target: {name: "(a+)+$", annotationSelector: ""}
  patch: "[{op: add, path: /data/x, value: y}]"
`.replace('"[{op: add, path: /data/x, value: y}]"', '\'[{"op":"add","path":"/data/x","value":"y"}]\''),
    '/c.yaml': configMap.replace('settings', 'a'.repeat(5000)),
  };

  expect(await yamlOf(files)).toContain('x: "y"');
});

test('copies in a JSON patch cannot blow up the document', async () => {
  const doubles = Array.from({ length: 40 }, (_, index) => `{"op":"copy","from":"/data","path":"/data/x${index}"}`);
  const files = {
    '/kustomization.yaml': `resources: [c.yaml]\npatches:\n- target: {kind: ConfigMap}\n  patch: '[${doubles.join(',')}]'\n`,
    '/c.yaml': configMap,
  };

  expect(await failureOf(files)).toContain('a JSON patch may not copy more than');
});

test('the output built again is the same', async () => {
  const name = fc.stringMatching(/^[a-z]([a-z0-9-]{0,8}[a-z0-9])?$/);
  const scalar = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null));
  const data = fc.dictionary(name, fc.oneof(scalar, fc.array(scalar), fc.dictionary(name, scalar)), { maxKeys: 5 });
  const object = fc.record({ name, spec: data });

  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(object, { selector: (item) => item.name, minLength: 1, maxLength: 5 }),
      async (items) => {
        const manifests = items.map(({ name, spec }) =>
          JSON.stringify({ apiVersion: 'example.com/v1', kind: 'Thing', metadata: { name }, spec }),
        );
        const files = { '/kustomization.yaml': 'resources: [all.yaml]\n', '/all.yaml': manifests.join('\n---\n') };
        const once = await yamlOf(files);
        expect(await yamlOf({ ...files, '/all.yaml': once })).toBe(once);
      },
    ),
    { numRuns: 50 },
  );
});

test('whatever the kustomization says, it builds or fails with an error of ours', async () => {
  const text = fc.oneof(
    fc.constantFrom('c.yaml', '.', '..', '/', '', '../x', 'a\n- b', '{', 'https://', 'git@x:y/z'),
    fc.string(),
  );
  const field = fc.constantFrom(
    'resources',
    'components',
    'transformers',
    'patchesStrategicMerge',
    'crds',
    'configurations',
    'generators',
  );

  await fc.assert(
    fc.asyncProperty(fc.dictionary(field, fc.array(text, { maxLength: 3 })), async (kustomization) => {
      const files = { '/app/kustomization.yaml': JSON.stringify(kustomization), '/app/c.yaml': configMap };
      expect(await failureOf(files, '/app')).not.toContain('crash:');
    }),
    { numRuns: 100 },
  );
});
