import fc from 'fast-check';
import { expect, test } from 'vitest';
import { indexToJson } from './index-json.ts';
import { type LoadIndexOptions, loadRepositoryIndex, type RepositoryIndex } from './repository-index.ts';

const load = (text: string, options: LoadIndexOptions = {}) => loadRepositoryIndex(Buffer.from(text), options);
const json = (index: RepositoryIndex) => Buffer.concat([...indexToJson(index)]).toString('utf8');

const helmIndex = `apiVersion: v1
entries:
  alpine:
  - apiVersion: v2
    appVersion: "1.1"
    created: "2016-10-06T16:23:20.499814565-06:00"
    description: Deploy <a> & b
    digest: 99c76e403d752c84ead610644d4b1c2f2b453a74b921f422b9dcb8a7c8b559cd
    name: alpine
    urls:
    - https://charts.example.com/alpine-0.2.0.tgz
    version: 0.2.0
  - apiVersion: v1
    created: "2016-10-06T16:23:20.500Z"
    name: alpine
    urls:
    - alpine-0.10.0.tgz
    version: 0.10.0
  nginx:
  - name: nginx
    version: 1.0.0
generated: "2016-10-06T16:23:20.499029981-06:00"
`;

const stored = `{
  "apiVersion": "v1",
  "generated": "2016-10-06T16:23:20.499029981-06:00",
  "entries": {
    "alpine": [
      {
        "name": "alpine",
        "version": "0.10.0",
        "apiVersion": "v1",
        "urls": [
          "alpine-0.10.0.tgz"
        ],
        "created": "2016-10-06T16:23:20.5Z"
      },
      {
        "name": "alpine",
        "version": "0.2.0",
        "description": "Deploy \\u003ca\\u003e \\u0026 b",
        "apiVersion": "v2",
        "appVersion": "1.1",
        "urls": [
          "https://charts.example.com/alpine-0.2.0.tgz"
        ],
        "created": "2016-10-06T16:23:20.499814565-06:00",
        "digest": "99c76e403d752c84ead610644d4b1c2f2b453a74b921f422b9dcb8a7c8b559cd"
      }
    ],
    "nginx": [
      {
        "name": "nginx",
        "version": "1.0.0",
        "apiVersion": "v1",
        "urls": null,
        "created": "0001-01-01T00:00:00Z"
      }
    ]
  }
}`;

test('an index is sorted, cleaned and written as Flux stores it (SRC-HREPO-09, SRC-HREPO-11)', async () => {
  const index = await load(helmIndex);

  expect(index.names()).toEqual(['alpine', 'nginx']);
  expect(index.versions('alpine')?.map(({ version }) => version)).toEqual(['0.10.0', '0.2.0']);
  expect(json(index)).toBe(stored);
});

test('what was stored is an index that is stored as the same bytes again', async () => {
  expect(json(await load(stored))).toBe(stored);
});

test('an index without charts has 80 bytes, as with Flux (SRC-HREPO-11)', async () => {
  expect(json(await load('apiVersion: v1\nentries: {}\n'))).toHaveLength(80);
});

test('all other fields of an index and an entry are kept in the order of Go', async () => {
  const index = await load(`serverInfo: {contextPath: /v1, b: 1}
apiVersion: v1
publicKeys: [a]
annotations: {b: 2, a: x}
entries:
  app:
  - {type: library, name: app, version: v1.0.0, removed: true, engine: gotpl, tillerVersion: ">1", url: u, checksum: c, deprecated: true,
     dependencies: [{name: a, version: 1.x, tags: [], enabled: true, import-values: [b, {parent: p, child: c}]}], maintainers: [{name: m}]}
`);

  expect(Object.keys(JSON.parse(json(index)))).toEqual([
    'serverInfo',
    'apiVersion',
    'generated',
    'entries',
    'publicKeys',
    'annotations',
  ]);
  const [version] = index.versions('app')!;
  expect(JSON.stringify(index.entry(version!))).toBe(
    '{"name":"app","version":"v1.0.0","maintainers":[{"name":"m"}],"apiVersion":"v1","deprecated":true,' +
      '"dependencies":[{"name":"a","version":"1.x","repository":"","enabled":true,"import-values":["b",{"child":"c","parent":"p"}]}],' +
      '"type":"library","urls":null,"created":"0001-01-01T00:00:00Z","removed":true,"checksum":"c","engine":"gotpl","tillerVersion":">1","url":"u"}',
  );
});

test.each([
  ['', 'empty index.yaml file'],
  ['\n', 'no API version specified'],
  ['entries: {}\n', 'no API version specified'],
  ['this: is: not yaml\n', 'error converting YAML to JSON: yaml: mapping values are not allowed in this context'],
  ['apiVersion: v1\nfoo: 1\n', 'error unmarshaling JSON: while decoding JSON: json: unknown field "foo"'],
  [
    'apiVersion: v1\nentries:\n  a:\n  - name: a\n    version: 1.0.0\n    foo: 1\n',
    'error unmarshaling JSON: while decoding JSON: json: unknown field "foo"',
  ],
  [
    'apiVersion: v1\nentries:\n  a:\n  - name: a\n    name: b\n    version: 1.0.0\n',
    'error converting YAML to JSON: yaml: unmarshal errors:\n  line 5: key "name" already set in map',
  ],
  [
    'apiVersion: v1\nentries:\n  a: []\n  a: []\n',
    'error converting YAML to JSON: yaml: unmarshal errors:\n  line 4: key "a" already set in map',
  ],
  ['apiVersion: v1\nentries: {}\nentries: {}\n', 'key "entries" already set in map'],
  ['apiVersion: v1\nentries:\n  a: []\nentries:\n  b: []\n', 'key "entries" already set in map'],
  ['apiVersion: v1\nserverInfo: x\n', 'struct field IndexFile.serverInfo of type map[string]interface {}'],
  ['text\n', 'json: cannot unmarshal string into Go value of type repo.IndexFile'],
  ['{"apiVersion": 1}', 'json: cannot unmarshal number into Go struct field IndexFile.apiVersion of type string'],
])('%j is refused as Flux refuses it (SRC-HREPO-09)', async (text, message) => {
  await expect(load(text)).rejects.toMatchObject({ code: 'HELM_INDEX', message: expect.stringContaining(message) });
});

test.each([
  ['[x]', 'cannot unmarshal string into Go struct field IndexFile.entries of type repo.ChartVersion'],
  ['x', 'cannot unmarshal string into Go struct field IndexFile.entries of type repo.ChartVersions'],
  ['[{urls: x}]', 'cannot unmarshal string into Go struct field ChartVersion.entries.urls of type []string'],
  [
    '[{appVersion: 1.10}]',
    'cannot unmarshal number into Go struct field ChartVersion.entries.Metadata.appVersion of type string',
  ],
  [
    '[{annotations: {a: 1}}]',
    'cannot unmarshal number into Go struct field ChartVersion.entries.Metadata.annotations of type string',
  ],
  [
    '[{maintainers: [{name: 1}]}]',
    'cannot unmarshal number into Go struct field Maintainer.entries.Metadata.maintainers.name of type string',
  ],
  [
    '[{maintainers: x}]',
    'cannot unmarshal string into Go struct field ChartVersion.entries.Metadata.maintainers of type []*v2.Maintainer',
  ],
  ['[{created: 1}]', 'Time.UnmarshalJSON: input is not a JSON string'],
  ['[{created: 2020-01-01}]', 'parsing time "2020-01-01" as "2006-01-02T15:04:05Z07:00": cannot parse "" as "T"'],
  ['[{created: 2020-02-30T00:00:00Z}]', 'parsing time "2020-02-30T00:00:00Z": day out of range'],
  ['[{created: 2020-01-01T24:00:00Z}]', 'parsing time "2020-01-01T24:00:00Z": hour out of range'],
])('versions written as %s are refused as Flux refuses them (SRC-HREPO-09)', async (versions, message) => {
  await expect(load(`apiVersion: v1\nentries: {a: ${versions}}\n`)).rejects.toThrow(message);
});

test('JSON may have unknown keys, but no numbers for texts (SRC-HREPO-09)', async () => {
  const index = await load('{"apiVersion":"v1","foo":1,"entries":{"a":[{"name":"a","version":"1.0.0","bar":2}]}}');

  expect(index.versions('a')).toHaveLength(1);
  await expect(load('{"apiVersion":"v1","entries":{"a":[{"name":"a","version":1}]}}')).rejects.toThrow(
    'json: cannot unmarshal number into Go struct field ChartVersion.entries.Metadata.version of type string',
  );
});

test('the scalars that sigs.k8s.io/yaml turns into text are texts, keys count in any case', async () => {
  const index = await load(`apiVersion: 1.10
entries:
  a:
  - NAME: a
    Version: 1.0.0
    digest: 12345678.9
    urls: [1, null, true, x]
    created: 2020-01-01T00:00:00,1200+00:00
`);

  expect(index.head.apiVersion).toBe('1.1');
  expect(index.entry(index.versions('a')![0]!)).toEqual({
    name: 'a',
    version: '1.0.0',
    apiVersion: 'v1',
    urls: ['1', '', 'true', 'x'],
    created: '2020-01-01T00:00:00.12Z',
    digest: '1.2345679e+07',
  });
});

test.each([
  ['name: a', 'no version'],
  ['{name: a/b, version: 1.0.0}', 'a name with a slash'],
  ['{name: .., version: 1.0.0}', 'a name that climbs'],
  ['{name: a, version: one}', 'no semantic version'],
  ['{name: a, version: 1.0.0, type: other}', 'an unknown type'],
  ['{name: a, version: 1.0.0, dependencies: [{name: b, alias: "c d"}]}', 'a bad alias'],
  ['{name: a, version: 1.0.0, maintainers: [null]}', 'an empty maintainer'],
  ['null', 'nothing'],
])('an entry %s is left out (SRC-HREPO-09)', async (entry) => {
  const index = await load(`apiVersion: v1\nentries:\n  a:\n  - ${entry}\n  - {name: a, version: 2.0.0}\n`);

  expect(index.versions('a')?.map(({ version }) => version)).toEqual(['2.0.0']);
});

test('dependencies of one name are tolerated, and what does not print is dropped', async () => {
  const index = await load(
    'apiVersion: v1\nentries:\n  a:\n  - {name: a, version: 1.0.0, description: "x\\ty\\u0007\\u00a0ü", dependencies: [{name: b}, {name: b}]}\n',
  );

  expect(index.entry(index.versions('a')![0]!)).toMatchObject({ description: 'x y ü', dependencies: [{}, {}] });
});

test('names of charts are ordinary even if they are those of JavaScript or YAML', async () => {
  const index = await load(
    'apiVersion: v1\nentries:\n  __proto__:\n  - {name: x, version: 1.0.0}\n  constructor: []\n  "yes": []\n  true:\n  "1.0": null\n',
  );

  expect(index.names()).toEqual(['1.0', '__proto__', 'constructor', 'true', 'yes']);
  expect(index.versions('toString')).toBeUndefined();
  expect(Object.keys(JSON.parse(json(index)).entries)).toContain('__proto__');
});

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

test('an index over the limit is refused, also where it is compressed aliases', async () => {
  await expect(load(helmIndex, { maxBytes: 100 })).rejects.toThrow(
    'index exceeds the maximum index file size of 100 bytes',
  );
  const levels = Array.from({ length: 20 }, (_, level) => `a${level + 1}: &a${level + 1} [*a${level}, *a${level}]`);
  await expect(load(`apiVersion: v1\nserverInfo: {${['a0: &a0 x', ...levels].join(', ')}}\n`)).rejects.toThrow('alias');
});

test('a large index in another layout is refused with the reason instead of read at any cost', async () => {
  const filler = `# ${'x'.repeat(1000)}\n`.repeat(17_000);

  await expect(load(`apiVersion: v1\nentries: {a: [}\n${filler}`)).rejects.toThrow(
    'has to be laid out as Helm writes it',
  );
});

test('nesting ends with an error', async () => {
  await expect(load(`{"apiVersion":"v1","entries":{"a":[${'['.repeat(200_000)}`)).rejects.toThrow();
  const deep = '['.repeat(20_000) + ']'.repeat(20_000);
  const entry = `{"name":"a","version":"1.0.0","dependencies":[{"name":"b","import-values":${deep}}]}`;
  await expect(load(`{"apiVersion":"v1","entries":{"a":[${entry}]}}`)).rejects.toThrow('nested too deeply');
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

test('no input ends in another error than one of indexes', async () => {
  const piece = fc.constantFrom(
    ...[
      'apiVersion: v1\n',
      'entries:\n',
      '  a:\n',
      '  - name: a\n',
      '    version: 1.0.0\n',
      '- ',
      '  ',
      '{',
      '}',
      '[',
      ']',
      '"',
      ':',
      ',',
      '\n',
      '*a',
      '&a',
      '|',
      '"entries"',
      '"a"',
      'null',
      '\t',
      '\\',
    ],
  );
  await fc.assert(
    fc.asyncProperty(fc.array(fc.oneof(piece, fc.string({ maxLength: 3 })), { maxLength: 30 }), async (pieces) => {
      const failure = await load(pieces.join('')).then(
        () => undefined,
        (error: unknown) => error,
      );
      if (failure !== undefined) expect(failure).toMatchObject({ code: 'HELM_INDEX' });
    }),
    { numRuns: 500 },
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
