import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Composer } from './compose.ts';
import { Cursor, type YamlMode } from './cursor.ts';
import { formatYaml, parseYaml, parseYamlDocuments } from './index.ts';
import { SimpleReader } from './simple-reader.ts';
import { notSimple } from './simple-text.ts';

const manifest = `# a comment
apiVersion: apps/v1
kind: "Deployment"
metadata:
  name: web # named
  labels: {app: web, 'tier': "front end", count: 1}
  annotations:
spec:
  replicas: 3
  args: [ "--a", -b, c d,
    e ]
  containers:
  - name: main
    command:
      - sh
      - -c
      - |
        echo "x: y" # kept
          indented

    image: nginx:1.25
  - name: side
    env:
    - {name: A, value: 'it''s'}
    -
      name: B
      value: folded text
        goes on
  text: >-
    one
    two
---
kind: List
items:
- - nested
  - 1.5
- ~
`;

test('plain manifests are read on the short path', () => {
  const reader = new SimpleReader(new Cursor(manifest, 'sigs', undefined), { isUnique: false, hasReturns: false });

  expect(reader.readDocument(0, true)?.value).toEqual(readCompletely(manifest, 'sigs')[0]);
});

test.each(['a: &x 1', 'a: !!str 1', '? a\n: b', 'a: b: c', 'true: x', '<<: {a: 1}', 'a:\n\tb: 1', '%YAML 1.1\n---\na'])(
  '%j is left to the complete reader',
  (text) => {
    const reader = new SimpleReader(new Cursor(text, 'sigs', undefined), { isUnique: false, hasReturns: false });

    expect(() => reader.readDocument(0, true)).toThrow(notSimple);
  },
);

const pieces = [
  ': ',
  '- ',
  '\n',
  '\n  ',
  '\n---\n',
  ' #',
  '"',
  "'",
  '[',
  ']',
  '{',
  '}',
  ', ',
  '|',
  '>',
  '&a ',
  '*a',
  '!!str ',
  '\t',
  '?',
  'x',
  '1',
  '\r\n',
];

test('both readers agree on manifests that were damaged at random', () => {
  const damage = fc.array(fc.tuple(fc.nat(manifest.length), fc.nat(3), fc.constantFrom(...pieces)), { maxLength: 4 });

  fc.assert(
    fc.property(damage, fc.constantFrom<YamlMode>('sigs', 'v3'), (edits, mode) => {
      const text = edits.reduce(
        (damaged, [at, cut, by]) => damaged.slice(0, at) + by + damaged.slice(at + cut),
        manifest,
      );

      expect(outcomeOf(() => parseYamlDocuments(text, { mode }))).toEqual(outcomeOf(() => readCompletely(text, mode)));
    }),
    { numRuns: 300 },
  );
});

test('whatever JSON is written reads back, in either mode', () => {
  // JSON writes -0 as 0
  const json = fc
    .json({ maxDepth: 4, noUnicodeString: false })
    .map((text): unknown => JSON.parse(JSON.stringify(JSON.parse(text))));

  fc.assert(
    fc.property(json.filter(isWritable), fc.constantFrom<YamlMode>('sigs', 'v3'), (value, mode) => {
      expect(parseYaml(formatYaml(value), { mode })).toEqual(value);
    }),
  );
});

function readCompletely(text: string, mode: YamlMode): unknown[] {
  const composer = new Composer(new Cursor(text, mode, undefined), {
    isStrict: false,
    integralFloatsAsText: false,
    maxAliases: Number.POSITIVE_INFINITY,
  });
  const documents: unknown[] = [];
  for (let isFirst = true; ; isFirst = false) {
    const document = composer.nextDocument(isFirst);
    if (document === undefined) return documents;
    if (document.value !== null) documents.push(document.value);
  }
}

function outcomeOf(run: () => unknown): unknown {
  try {
    return run();
  } catch (error) {
    return error instanceof Error ? error.message : error;
  }
}

/** go-yaml cannot write control characters, loses U+0085 and reads a written `<<` as a merge; -0 is 0 to it, large integers are bigint to us. */
function isWritable(value: unknown): boolean {
  const text = JSON.stringify(value);
  return text.isWellFormed() && !/[\x7f-\x9f\ufffe\uffff]|<<|-0|\d{16}/.test(text);
}
