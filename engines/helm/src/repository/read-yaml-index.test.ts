import fc from 'fast-check';
import { expect, test } from 'vitest';
import { indexToJson } from './index-json.ts';
import { loadRepositoryIndex, type RepositoryIndex } from './repository-index.ts';

const load = (text: string) => loadRepositoryIndex(Buffer.from(text));
const json = (index: RepositoryIndex) => Buffer.concat([...indexToJson(index)]).toString('utf8');

test.each([
  ['deeper indentation', 'apiVersion: v1\nentries:\n    alpine:\n      - name: alpine\n        version: 1.0.0\n'],
  [
    'comments and blank lines',
    '# x\napiVersion: v1\nentries: # y\n\n  # z\n  alpine:\n  # z\n  - name: alpine\n\n    version: 1.0.0\n',
  ],
  ['line ends of Windows', 'apiVersion: v1\r\nentries:\r\n  alpine:\r\n  - name: alpine\r\n    version: 1.0.0\r\n'],
  ['a document marker', '---\napiVersion: v1\nentries:\n  alpine:\n  - name: alpine\n    version: 1.0.0\n'],
  ['flow style', 'apiVersion: v1\nentries: {alpine: [{name: alpine, version: 1.0.0}]}\n'],
  ['JSON of one line', '{"entries":{"alpine":[{"version":"1.0.0","name":"alpine"}]},"apiVersion":"v1"}'],
  ['no line end', 'apiVersion: v1\nentries:\n  alpine:\n  - name: alpine\n    version: 1.0.0'],
  ['entries first', 'entries:\n  alpine:\n  - version: 1.0.0\n    name: alpine\napiVersion: v1\n'],
  ['an anchor', 'apiVersion: v1\nentries:\n  alpine:\n  - name: &n alpine\n    version: 1.0.0\n    description: *n\n'],
  ['a byte order mark', '\ufeffapiVersion: v1\nentries:\n  alpine:\n  - name: alpine\n    version: 1.0.0\n'],
])('%s makes no difference', async (_, text) => {
  const index = await load(text);

  expect(index.versions('alpine')?.map(({ version }) => version)).toEqual(['1.0.0']);
});

test('texts that look like the next chart are texts', async () => {
  const index = await load(`apiVersion: v1
entries:
  a:
  - description: |
      entries:
        b:
        - name: b

    version: 1.0.0
    name: a
  - description: "x
  b:
  - name: y"
    name: a
    version: 2.0.0
`);

  expect(index.names()).toEqual(['a']);
  expect(index.versions('a')).toHaveLength(2);
});

test('a large index in another layout is refused with the reason instead of read at any cost', async () => {
  const filler = `# ${'x'.repeat(1000)}\n`.repeat(17_000);

  await expect(load(`apiVersion: v1\nentries: {a: [}\n${filler}`)).rejects.toThrow(
    'has to be laid out as Helm writes it',
  );
});

const name = fc.stringMatching(/^c-[a-z0-9]{1,6}$/);
const version = fc.tuple(fc.nat(3), fc.nat(3), fc.nat(3)).map((parts) => parts.join('.'));
const description = fc.oneof(
  fc.string(),
  fc.constantFrom('- a: b', 'a: b', '# c', '"', "it's", 'a\n  b:\n  - c', '{', '*x', '>'),
);
const entries = fc.dictionary(name, fc.array(fc.record({ version, description }), { maxLength: 4 }), { maxKeys: 5 });

test('an index is the same however it is cut into chunks, and in JSON and YAML', async () => {
  await fc.assert(
    fc.asyncProperty(entries, fc.integer({ min: 1, max: 40 }), async (charts, size) => {
      const named = Object.entries(charts).map(([chart, versions]) => [
        chart,
        versions.map((item) => ({ name: chart, ...item })),
      ]);
      const document = { apiVersion: 'v1', entries: Object.fromEntries(named) };
      const lines = named.flatMap(([chart, versions]) => [
        `  ${chart}:${versions!.length === 0 ? ' []' : ''}`,
        ...(versions as { version: string; description: string; name: string }[]).flatMap((item) => [
          `  - description: ${JSON.stringify(item.description)}`,
          `    name: ${item.name}`,
          `    version: ${item.version}`,
        ]),
      ]);
      const yaml = Buffer.from(`apiVersion: v1\nentries:\n${lines.join('\n')}\n${named.length === 0 ? '  {}\n' : ''}`);
      const chunks = async function* (bytes: Buffer) {
        for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size);
      };

      const fromJson = json(await load(JSON.stringify(document, undefined, 1)));
      expect(json(await loadRepositoryIndex(() => chunks(Buffer.from(JSON.stringify(document)))))).toBe(fromJson);
      expect(json(await loadRepositoryIndex(() => chunks(yaml)))).toBe(fromJson);
    }),
    { numRuns: 150 },
  );
});

const indents = fc.constantFrom('', ' ', '  ', '   ', '    ', '      ');
const fragments = fc.constantFrom(
  ...[
    'a:',
    'b:',
    '- name: a',
    '- name: b',
    'name: a',
    'version: 1.0.0',
    'version: 2.0.0',
    'description: |',
    'description: >-',
  ],
  ...[
    'text',
    '- ',
    '-',
    '- - x',
    '"',
    "'",
    'description: "',
    'x"',
    '# c',
    '',
    '&x',
    '*x',
    'home: &x y',
    'icon: *x',
    'entries:',
  ],
  ...[
    'apiVersion: v1',
    '---',
    '- {name: a, version: 1.0.0}',
    'urls:',
    '- u',
    '? a',
    ': b',
    '!!str a:',
    '"a":',
    '<<: *x',
    '\tx',
    '- null',
  ],
);
const lines = fc.array(
  fc.tuple(indents, fragments).map(([indent, text]) => indent + text),
  { maxLength: 14 },
);

test('reading line by line gives what reading the whole text gives, or gives up', async () => {
  const outcome = (text: string) => load(text).then(json, () => undefined);
  // So long that each of the versions that follow is parsed apart.
  const filler = 'x'.repeat(70_000);
  await fc.assert(
    fc.asyncProperty(lines, async (more) => {
      const text = `apiVersion: v1\nentries:\n  a:\n  - name: a\n    home: ${filler}\n    version: 1.0.0\n${more.join('\n')}\n`;
      // An end of the document is where the reader of lines gives up.
      expect(await outcome(text)).toBe(await outcome(`${text}...\n`));
    }),
    { numRuns: 100 },
  );
});
