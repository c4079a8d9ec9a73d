import { memoryFileSystem } from '@flux/fs';
import { expect, test } from 'vitest';
import { resourcesToYaml } from '../build.ts';
import { buildFlux, generateAndBuild } from './build-flux.ts';
import { generateKustomization } from './generate.ts';
import type { FluxKustomizationSpec } from './kustomization-spec.ts';

const configMap = (name: string): string => `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n`;

function generate(files: Record<string, string>, spec: FluxKustomizationSpec = {}): string {
  const fs = memoryFileSystem(files);
  return fs.readText(generateKustomization(fs, '/app', spec).file);
}

test('KUS-GEN-02: a folder without a kustomization lists its manifests and built folders', () => {
  const files = {
    '/app/b.yaml': configMap('b'),
    '/app/a/z.yml': configMap('z'),
    '/app/a/readme.md': '#',
    '/app/c/kustomization.yaml': 'resources: []\n',
    '/app/c/broken.yaml': '{',
    '/app/UPPER.YAML': '{',
  };

  expect(generate(files)).toBe(`apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources:
- ./a/z.yml
- ./b.yaml
- ./c
`);
});

test('KUS-GEN-03: a file that is no manifest fails the generation', () => {
  expect(() => generate({ '/app/a.yaml': 'kind: X\n' })).toThrow(
    'failed to decode Kubernetes YAML from /app/a.yaml: missing metadata.name in object {{ X} {{ } map[] map[]}}',
  );
});

test('KUS-GEN-04: an empty folder builds to nothing', async () => {
  const fs = memoryFileSystem({ '/app/readme.md': '#' });

  expect(await generateAndBuild(fs, '/app', {})).toEqual([]);
  expect(fs.readText('/app/kustomization.yaml')).toContain('namespace: _placeholder');
});

test('KUS-GEN-04: a file without resources gets its origins annotated', () => {
  const files = { '/app/kustomization.yml': 'configMapGenerator:\n- name: g\nunknown: dropped\n' };

  const generated = generate(files);

  expect(generated).toContain('buildMetadata:\n- originAnnotations\n');
  expect(generated).not.toContain('unknown');
});

test('KUS-GEN-05: the spec is laid over the file', () => {
  const files = { '/app/kustomization.yaml': 'resources: [a.yaml]\nnamespace: old\nreplicas: [{name: x, count: 0}]\n' };

  const generated = generate(files, {
    targetNamespace: 'new',
    namePrefix: 'p-',
    patches: [{ patch: 'kind: X', target: { kind: 'Y' } }],
    buildMetadata: ['originAnnotations'],
  });

  expect(generated).toBe(`apiVersion: kustomize.config.k8s.io/v1beta1
buildMetadata:
- originAnnotations
kind: Kustomization
namePrefix: p-
namespace: new
patches:
- patch: 'kind: X'
  target:
    kind: "Y"
replicas:
- count: 0
  name: x
resources:
- a.yaml
`);
});

test('KUS-GEN-05: options that are zero are left out, empty ones stay', () => {
  const file = 'resources: [a]\nreplacements: [{targets: [{fieldPaths: [x], options: {index: 0}}]}]\n';

  expect(generate({ '/app/kustomization.yaml': file })).toContain('    options: {}\n');
});

test('KUS-GEN-06: a tag of the spec clears a digest of the file', () => {
  const file = 'resources: [a]\nimages:\n- {name: i, newName: m, digest: sha256:1}\n';

  const generated = generate(
    { '/app/kustomization.yaml': file },
    {
      images: [
        { name: 'i', newTag: 't' },
        { name: 'j', digest: 'd' },
      ],
    },
  );

  expect(generated).toContain('images:\n- name: i\n  newName: m\n  newTag: t\n- digest: d\n  name: j\n');
});

test('KUS-GEN-07: components must be local, and may be missing when the spec says so', () => {
  const files = { '/app/kustomization.yaml': 'resources: [a]\n', '/app/here/x': '' };

  expect(() => generate(files, { components: ['https://x/y'] })).toThrow(
    "component path 'https://x/y' must be local and relative",
  );
  const generated = generate(files, { components: ['here', 'gone'], ignoreMissingComponents: true });
  expect(generated).toContain('components:\n- here\n');
  expect(generated).not.toContain('gone');
});

test('KUS-API-12: inline patches of older versions are added to their lists', () => {
  const files = { '/app/kustomization.yaml': 'resources: [a]\n' };

  const generated = generate(files, {
    patchesStrategicMerge: [{ kind: 'X' }],
    patchesJson6902: [{ patch: [{ op: 'remove', path: '/a' }], target: { name: 'n' } }],
  });

  expect(generated).toContain(`patchesStrategicMerge:\n- '{"kind":"X"}'\n`);
  expect(generated).toContain(`patchesJson6902:\n- patch: '[{"op":"remove","path":"/a"}]'\n  target:\n    name: "n"\n`);
});

test('KUS-BUILD-05: failures start with the words of the controller and name paths on disk', async () => {
  const fs = memoryFileSystem({ '/app/kustomization.yaml': 'resources: [gone.yaml]\n' });

  await expect(buildFlux(fs, '/app')).rejects.toThrow(
    "kustomize build failed: accumulating resources: accumulation err='accumulating resources from 'gone.yaml': " +
      "open /app/gone.yaml: no such file or directory': must build at directory: not a valid directory: " +
      "evalsymlink failure on '/app/gone.yaml' : lstat /app/gone.yaml: no such file or directory",
  );
});

test('KUS-BUILD-01: files outside of the folder may be used, in the order of the file', async () => {
  const fs = memoryFileSystem({
    '/app/kustomization.yaml': 'resources: [../z.yaml, ../a.yaml]\n',
    '/z.yaml': configMap('z'),
    '/a.yaml': 'apiVersion: v1\nkind: Namespace\nmetadata:\n  name: a\n',
  });

  expect(resourcesToYaml(await buildFlux(fs, '/app'))).toBe(
    `${configMap('z')}---\napiVersion: v1\nkind: Namespace\nmetadata:\n  name: a\n`,
  );
});
