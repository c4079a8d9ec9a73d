import { memoryFileSystem } from '@flux/fs';
import { expect, test } from 'vitest';
import { build, resourcesToYaml } from './build.ts';
import { isoTimestamp } from './timestamp.ts';

async function yamlOf(manifest: string, kustomization = ''): Promise<string> {
  const files = { '/kustomization.yaml': `resources: [a.yaml]\n${kustomization}`, '/a.yaml': manifest };
  return resourcesToYaml(await build(memoryFileSystem(files), '/', { reorder: 'none' }));
}

const header = 'apiVersion: example.com/v1\nkind: Thing\nmetadata:\n  name: t\n';
const patch = `patches:
- patch: '{apiVersion: example.com/v1, kind: Thing, metadata: {name: t}, spec: {added: 5, quoted: 5, plain: 5}}'
`;

test('annotations come out as they were written', async () => {
  const output = await yamlOf(
    `${header}  annotations:\n    a: 1.10\n    b: True\n    c: 2024-01-02\n    d:\n    e: 0x1F\n`,
  );

  expect(output).toContain('a: "1.10"\n    b: "True"\n    c: "2024-01-02"\n    d: ""\n    e: "0x1F"\n');
});

test('an empty null is dropped when a patch is merged, one that is written out stays', async () => {
  const manifest = `${header}spec:\n  empty:\n  written: null\n`;

  expect(await yamlOf(manifest)).toContain('empty: null\n  written: null\n');
  expect(await yamlOf(manifest, patch)).not.toContain('empty');
  expect(await yamlOf(manifest, patch)).toContain('written: null\n');
});

test('a number in the place of a quoted text stays in quotes', async () => {
  const output = await yamlOf(`${header}spec:\n  quoted: "2"\n  plain: two\n`, patch);

  expect(output).toContain('added: 5\n  plain: 5\n  quoted: "5"\n');
});

test('dates without quotes become timestamps', async () => {
  const output = await yamlOf(`${header}spec:\n  a: 2024-01-02\n  b: "2024-01-02"\n  l:\n  - 2024-1-2 3:4:5\n`);

  expect(output).toContain('a: "2024-01-02T00:00:00Z"\n  b: "2024-01-02"\n  l:\n  - "2024-01-02T03:04:05Z"\n');
});

test.each([
  ['2024-01-02', '2024-01-02T00:00:00Z'],
  ['2024-1-2t3:4:5.120+02:00', '2024-01-02T03:04:05.12+02:00'],
  ['2024-02-30', undefined],
  ['12:30', undefined],
])('the timestamp %s is %s', (text, wanted) => {
  expect(isoTimestamp(text)).toBe(wanted);
});
