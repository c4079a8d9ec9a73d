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

test('JSON may have unknown keys, but no numbers for texts (SRC-HREPO-09)', async () => {
  const index = await load('{"apiVersion":"v1","foo":1,"entries":{"a":[{"name":"a","version":"1.0.0","bar":2}]}}');

  expect(index.versions('a')).toHaveLength(1);
  await expect(load('{"apiVersion":"v1","entries":{"a":[{"name":"a","version":1}]}}')).rejects.toThrow(
    'json: cannot unmarshal number into Go struct field ChartVersion.entries.Metadata.version of type string',
  );
});

test('names of charts are ordinary even if they are those of JavaScript or YAML', async () => {
  const index = await load(
    'apiVersion: v1\nentries:\n  __proto__:\n  - {name: x, version: 1.0.0}\n  constructor: []\n  "yes": []\n  true:\n  "1.0": null\n',
  );

  expect(index.names()).toEqual(['1.0', '__proto__', 'constructor', 'true', 'yes']);
  expect(index.versions('toString')).toBeUndefined();
  expect(Object.keys(JSON.parse(json(index)).entries)).toContain('__proto__');
});

test('an index over the limit is refused, also where it is compressed aliases', async () => {
  await expect(load(helmIndex, { maxBytes: 100 })).rejects.toThrow(
    'index exceeds the maximum index file size of 100 bytes',
  );
  const levels = Array.from({ length: 20 }, (_, level) => `a${level + 1}: &a${level + 1} [*a${level}, *a${level}]`);
  await expect(load(`apiVersion: v1\nserverInfo: {${['a0: &a0 x', ...levels].join(', ')}}\n`)).rejects.toThrow('alias');
});

test('nesting ends with an error', async () => {
  await expect(load(`{"apiVersion":"v1","entries":{"a":[${'['.repeat(200_000)}`)).rejects.toThrow();
  const deep = '['.repeat(20_000) + ']'.repeat(20_000);
  const entry = `{"name":"a","version":"1.0.0","dependencies":[{"name":"b","import-values":${deep}}]}`;
  await expect(load(`{"apiVersion":"v1","entries":{"a":[${entry}]}}`)).rejects.toThrow('nested too deeply');
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
