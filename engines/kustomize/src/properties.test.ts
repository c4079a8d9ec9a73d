import { memoryFileSystem } from '@flux/fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { build, resourcesToYaml } from './build.ts';

type Files = Record<string, string>;

async function yamlOf(files: Files, path: string): Promise<string> {
  return resourcesToYaml(await build(memoryFileSystem(files), path, { reorder: 'none' }));
}

const name = fc.stringMatching(/^[a-z]([a-z0-9-]{0,6}[a-z0-9])?$/);
const word = fc.stringMatching(/^[a-z]{1,8}$/);

function deployment(app: string, image: string): object {
  const container = { name: 'main', image: `example.com/${image}:1.0` };
  const template = { metadata: { labels: { app } }, spec: { containers: [container] } };
  const spec = { replicas: 1, selector: { matchLabels: { app } }, template };
  return { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: app }, spec };
}

function configMap(app: string, value: string): object {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: app, annotations: { note: value } },
    data: { value },
  };
}

/** A base of some Deployments and ConfigMaps. */
const base = fc
  .uniqueArray(fc.record({ app: name, image: word, value: fc.string() }), {
    selector: ({ app }) => app,
    minLength: 1,
    maxLength: 4,
  })
  .map((apps): Files => {
    const objects = apps.flatMap(({ app, image, value }) => [deployment(app, image), configMap(app, value)]);
    return {
      '/base/kustomization.yaml': 'resources: [all.yaml]\n',
      '/base/all.yaml': objects.map((object) => JSON.stringify(object)).join('\n---\n'),
    };
  });

/** Fields of a kustomization of which each writes where no other does. */
const fields = fc.record(
  {
    namespace: name,
    namePrefix: name.map((text) => `${text}-`),
    nameSuffix: name.map((text) => `-${text}`),
    labels: fc.dictionary(word, word, { minKeys: 1, maxKeys: 2 }).map((pairs) => [{ pairs, includeSelectors: true }]),
    commonAnnotations: fc.dictionary(word, fc.string(), { minKeys: 1, maxKeys: 2 }),
    images: fc.record({ name: word.map((text) => `example.com/${text}`), newTag: word }).map((image) => [image]),
    patches: word.map((text) => [
      {
        target: { kind: 'Deployment' },
        patch: JSON.stringify([{ op: 'add', path: '/spec/paused', value: text === 'a' }]),
      },
    ]),
  },
  { requiredKeys: [] },
);

function kustomization(resources: string[], own: object): string {
  return JSON.stringify({ resources, ...own });
}

test('the output of an overlay, built again, is the same', async () => {
  await fc.assert(
    fc.asyncProperty(base, fields, async (files, own) => {
      const once = await yamlOf({ ...files, '/o/kustomization.yaml': kustomization(['../base'], own) }, '/o');
      const again = { '/o/kustomization.yaml': kustomization(['all.yaml'], {}), '/o/all.yaml': once };
      expect(await yamlOf(again, '/o')).toBe(once);
    }),
    { numRuns: 60 },
  );
});

test('what does not concern names can be applied again without another change', async () => {
  await fc.assert(
    fc.asyncProperty(base, fields, async (files, { namePrefix: _, nameSuffix: __, ...own }) => {
      const overlays = {
        ...files,
        '/o/kustomization.yaml': kustomization(['../base'], own),
        '/twice/kustomization.yaml': kustomization(['../o'], own),
      };
      expect(await yamlOf(overlays, '/twice')).toBe(await yamlOf(overlays, '/o'));
    }),
    { numRuns: 60 },
  );
});

test('fields that write to different places give the same in one overlay as in two, in either order', async () => {
  await fc.assert(
    fc.asyncProperty(base, fields, fc.infiniteStream(fc.boolean()), async (files, own, isFirst) => {
      const entries = Object.entries(own).map((entry) => [entry, isFirst.next().value] as const);
      const first = Object.fromEntries(entries.filter(([, inFirst]) => inFirst).map(([entry]) => entry));
      const second = Object.fromEntries(entries.filter(([, inFirst]) => !inFirst).map(([entry]) => entry));
      const overlays = {
        ...files,
        '/one/kustomization.yaml': kustomization(['../base'], own),
        '/a/kustomization.yaml': kustomization(['../base'], first),
        '/ab/kustomization.yaml': kustomization(['../a'], second),
        '/b/kustomization.yaml': kustomization(['../base'], second),
        '/ba/kustomization.yaml': kustomization(['../b'], first),
      };
      const one = await yamlOf(overlays, '/one');
      expect(await yamlOf(overlays, '/ab')).toBe(one);
      expect(await yamlOf(overlays, '/ba')).toBe(one);
    }),
    { numRuns: 60 },
  );
});

test('the order of the fields in a kustomization and of unrelated resources says nothing', async () => {
  await fc.assert(
    fc.asyncProperty(base, fields, async (files, own) => {
      const reversed = Object.fromEntries(Object.entries(own).reverse());
      const documents = (files['/base/all.yaml'] ?? '').split('\n---\n');
      const built = async (parts: readonly string[], settings: object) => {
        const all = { ...files, '/base/all.yaml': parts.join('\n---\n') };
        return yamlOf({ ...all, '/o/kustomization.yaml': kustomization(['../base'], settings) }, '/o');
      };
      const straight = await built(documents, own);
      const backwards = await built([...documents].reverse(), reversed);
      expect(backwards.split('---\n').sort()).toEqual(straight.split('---\n').sort());
    }),
    { numRuns: 40 },
  );
});
