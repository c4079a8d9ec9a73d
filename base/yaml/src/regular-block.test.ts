import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatYaml, parseYaml } from './index.ts';
import { endOfRegularBlock } from './regular-block.ts';

const block = `  group: example.com
  empty: {}
  versions:
  - name: v1
    schema:
      description: |-
        Lines, one: of them
          deeper # and this

        is empty.
      pattern: ^(http|https)://.+$
      text: goes on
        below
      required:
      - one
      - 'two'
      anyOf:
      - type: integer
      - type: string
        x-text: "a \\"b\\""
      rules:
        - message: no
          also:
            - list: of
              lists: 1
    served: true
  scope: Namespaced
`;

test('a block as programs write them is passed over', () => {
  const text = `spec:\n${block}status: 1\n`;

  expect(endOfRegularBlock(text, 6, 2)).toBe(text.indexOf('status'));
});

test.each([
  '  a: b: c\n',
  '  a: &x 1\n',
  '  a: 1 # comment\n',
  '  a: 1\n\n',
  '  a: 1\n     b: 2\n',
  '  a:\n    - 1\n    b: 2\n',
  '  a:\n  - b: 1\n   c: 2\n',
  '  a: .inf\n',
  '  null: 1\n',
  '  a: "\\q"\n',
  '    a: 1\n  b: 1\n',
  '  a: |\n     b\n   c\n',
])('%j is left to the readers', (text) => {
  expect(endOfRegularBlock(`${text}\0`, 0, 2)).toBe(-1);
});

const pieces = [
  'a: 1',
  'b:',
  'b:',
  'c: text',
  '- x',
  '- d: 1',
  '- e:',
  'f: |',
  'f: >-',
  "g: 'q'",
  'go on',
  'h: "q',
  '"',
];
const odd = ['', '# c', '- - y', 'i: [1', 'j: {}', 'k: a: b', '---', '-', 'l: - m', '? n', '\tt: 1', 'on: 1', 'o: "\\'];
const line = fc
  .tuple(
    fc.oneof(
      { weight: 9, arbitrary: fc.constantFrom(2, 4, 6, 8) },
      { weight: 1, arbitrary: fc.constantFrom(0, 1, 3, 5) },
    ),
    fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...pieces) }, { weight: 1, arbitrary: fc.constantFrom(...odd) }),
  )
  .map(([indent, text]) => `${' '.repeat(indent)}${text}\n`);

test('there is no error in what is passed over', () => {
  let passed = 0;
  fc.assert(
    fc.property(fc.array(line, { minLength: 1, maxLength: 8 }), (lines) => {
      const text = `k:\n${lines.join('')}`;
      const end = endOfRegularBlock(`${text}\0`, 3, 2);
      if (end <= 3) return;
      passed += 1;
      // What follows begins a key of the document, or is wrong whatever stands before it.
      const whole = `${text.slice(0, end)}z: 1\n`;
      expect(parseYaml(whole)).toEqual({ k: parseYaml(text.slice(3, end)), z: 1 });
    }),
    { numRuns: 20_000 },
  );
  expect(passed).toBeGreaterThan(200);
});

const scalar = fc.oneof(
  fc.string(),
  fc.constantFrom('a b', 'x: y', '# z', 'true', '1\n2\n', ' 3'),
  fc.integer(),
  fc.boolean(),
);
const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    scalar,
    fc.array(tie('tree'), { maxLength: 3 }),
    fc.dictionary(fc.stringMatching(/^[a-z]{1,9}$/), tie('tree'), { maxKeys: 4 }),
  ),
}));

test('what is read later is what would have been read at once', () => {
  const filler = Object.fromEntries(Array.from({ length: 80 }, (_, index) => [`filler${index}`, 'some text']));
  fc.assert(
    fc.property(fc.dictionary(fc.stringMatching(/^[a-z]{1,9}$/), tree), (spec) => {
      const text = formatYaml({ spec: { ...filler, ...spec }, status: spec });

      expect({ ...(parseYaml(text, { isLazy: true }) as object) }).toEqual(parseYaml(text));
    }),
  );
});

test('a value that was left for later can be set, and is read once', () => {
  const text = `spec:\n${block.repeat(3)}`;
  const read = () => parseYaml(text, { isLazy: true }) as Record<string, unknown>;
  const value = read();
  const other = read();
  other['spec'] = 1;

  expect(Object.getOwnPropertyDescriptor(read(), 'spec')?.get).toBeDefined();
  expect(value['spec']).toBe(value['spec']);
  expect(other).toEqual({ spec: 1 });
});

test('an error in a large value is found at once', () => {
  expect(() => parseYaml(`spec:\n${block.repeat(3)}  a: b: c\n`, { isLazy: true })).toThrow(
    'mapping values are not allowed',
  );
});
