import { describe, expect, test } from 'vitest';
import { parseYaml, parseYamlDocuments, YamlError } from './index.ts';

describe('sigs mode reads YAML 1.1 as go-yaml v2 does', () => {
  test.each([
    ['a: yes', { a: true }],
    ['a: Off', { a: false }],
    ['y: n', { true: false }],
    ['"y": "n"', { y: 'n' }],
    ['a: 0644', { a: 420 }],
    ['a: 0o644', { a: 420 }],
    ['a: 0b11', { a: 3 }],
    ['a: -0x10', { a: -16 }],
    ['a: 1_000', { a: 1000 }],
    ['a: 08', { a: 8 }],
    ['a: 1e3', { a: 1000 }],
    ['a: 1e999', { a: '1e999' }],
    ['a: 190:20:30', { a: '190:20:30' }],
    ['a: 2020-01-01', { a: '2020-01-01' }],
    ['a: ~', { a: null }],
    ['a: 12345678901234567890', { a: 12345678901234567890n }],
    ['a: 9007199254740991', { a: 9007199254740991 }],
    ['a: 99999999999999999999', { a: 1e20 }],
    ['1.5: a\n1e3: b\n0x10: c', { '1.5': 'a', 1000: 'b', 16: 'c' }],
    ['a: 1\na: 2', { a: 2 }],
    ['a: !!str 1\nb: !!int "3"\nc: !other x', { a: '1', b: 3, c: 'x' }],
    ['b: &x {p: 1}\nc:\n  p: 2\n  <<: *x', { b: { p: 1 }, c: { p: 1 } }],
    ['a: |+\n  x\n\nb: >-\n  y\n  z\n', { a: 'x\n\n', b: 'y z' }],
    ['a:\n- b\n- - c\n  - d: "e\\u00e9\\\n    f"', { a: ['b', ['c', { d: 'eéf' }]] }],
    ['', null],
    ['# nothing\n', null],
    ['a: 1\n---\nb: 2', { a: 1 }],
  ])('%j', (text, value) => {
    expect(parseYaml(text)).toEqual(value);
  });
});

describe('v3 mode reads as kustomize does', () => {
  test('yes and on are strings, also as keys', () => {
    expect(parseYaml('y: on\ntrue: 0o17', { mode: 'v3' })).toEqual({ y: 'on', true: 15 });
  });

  test('an alias of a list is not merged, and that is said before what JSON has not', () => {
    const message = 'map merge requires map or sequence of maps as the value';

    expect(() => parseYaml('a: &a [{p: 1}]\nb: {<<: *a}')).toThrow(message);
    expect(() => parseYaml('a: &a .inf\nb: {<<: *a}')).toThrow(message);
    expect(parseYaml('a: &a {p: 1}\nb: {<<: [*a]}')).toEqual({ a: { p: 1 }, b: { p: 1 } });
  });

  test('merged keys never replace others', () => {
    expect(parseYaml('a: &x {p: 1, q: 1}\nb:\n  p: 2\n  <<: *x', { mode: 'v3' })).toMatchObject({ b: { p: 2, q: 1 } });
  });

  test('a repeated key is an error that names both lines', () => {
    expect(() => parseYaml('a: 1\nb: 2\na: 3', { mode: 'v3' })).toThrow(
      'yaml: unmarshal errors:\n  line 3: mapping key "a" already defined at line 1',
    );
  });
});

describe('errors are worded as go-yaml words them', () => {
  test.each([
    ['a: b: c', 'yaml: mapping values are not allowed in this context'],
    ['x: 1\na: b: c', 'yaml: line 2: mapping values are not allowed in this context'],
    ['a: 1\nb', "yaml: line 3: could not find expected ':'"],
    ['a:\n\tb: c', 'yaml: line 2: found character that cannot start any token'],
    ['a: [1, 2\nb: 3', "yaml: line 1: did not find expected ',' or ']'"],
    ['a: *x', "yaml: unknown anchor 'x' referenced"],
    ['a: &x [*x]', "yaml: anchor 'x' value contains itself"],
    ['{a: b}: c', 'yaml: invalid map key: map[interface {}]interface {}{"a":"b"}'],
    ['a: .inf', 'json: unsupported value: +Inf'],
    ['a: !!int x', 'yaml: cannot decode !!str `x` as a !!int'],
    ['a: \x01', 'yaml: control characters are not allowed'],
    ['%YAML 1.2\n---\na: 1', 'yaml: found incompatible YAML document'],
  ])('%j', (text, message) => {
    expect(() => parseYaml(text)).toThrow(expect.objectContaining({ message, code: 'YAML' }));
  });

  test('a strict reader refuses repeated keys', () => {
    expect(() => parseYaml('a: 1\na: 2', { strict: true })).toThrow(
      'yaml: unmarshal errors:\n  line 2: key "a" already set in map',
    );
  });

  test('the file and the true line are known', () => {
    const error = catchError(() => parseYaml('x: 1\na: b: c', { file: 'app/deploy.yaml' }));

    expect(error.message).toBe('app/deploy.yaml: yaml: line 2: mapping values are not allowed in this context');
    expect([error.line, error.column]).toEqual([2, 5]);
  });

  test('a text beyond the size limit is refused', () => {
    expect(() => parseYaml('a: 12345', { maxBytes: 4 })).toThrow('yaml: document is larger than 4 bytes');
  });
});

describe('hostile input', () => {
  test('an own key named __proto__ never reaches the prototype', () => {
    const value = parseYaml('__proto__: {polluted: true}\na: {__proto__: 1, constructor: 2}\nb: {<<: {__proto__: 3}}');

    expect(Object.keys(value as object)).toEqual(['__proto__', 'a', 'b']);
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  test('an alias bomb is refused before it is expanded', () => {
    const bomb = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]'];
    for (let level = 1; level < 12; level += 1) {
      bomb.push(
        `a${level}: &a${level} [${Array(10)
          .fill(`*a${level - 1}`)
          .join(', ')}]`,
      );
    }

    expect(() => parseYaml(bomb.join('\n'))).toThrow('yaml: document contains excessive aliasing');
  });

  test('nesting beyond the limit is an error, not a stack overflow', () => {
    expect(() => parseYaml('['.repeat(50_000))).toThrow('exceeded max depth of 1000');
    expect(() => parseYaml('- '.repeat(50_000))).toThrow('exceeded max depth of 1000');
    const chain = Array.from({ length: 20_000 }, (_, index) => `- &a${index + 1} [*a${index}]`);
    expect(() => parseYaml(`- &a0 []\n${chain.join('\n')}`)).toThrow(YamlError);
  });

  test('two aliases of one anchor are values of their own', () => {
    const value = parseYaml('a: &x {k: 1}\nb: *x') as { a: { k: number }; b: { k: number } };
    value.b.k = 2;

    expect(value.a.k).toBe(1);
  });
});

describe('streams', () => {
  test('documents are separated by ---, empty ones are left out', () => {
    expect(parseYamlDocuments('# c\n---\na: 1\n--- # x\n---\nb: 2\n...\n---\n- c\n---\n')).toEqual([
      { a: 1 },
      { b: 2 },
      ['c'],
    ]);
  });

  test('an error in a later document names its line in the stream', () => {
    expect(() => parseYamlDocuments('a: 1\n---\nb: 2\n---\nc: d: e\n')).toThrow('yaml: line 5: mapping values');
  });
});

function catchError(run: () => unknown): YamlError {
  try {
    run();
  } catch (error) {
    if (error instanceof YamlError) return error;
  }
  throw new Error('no YamlError was thrown');
}
