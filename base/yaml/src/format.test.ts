import { describe, expect, test } from 'vitest';
import { formatJson, formatYaml, formatYamlDocuments, formatYamlV3, PlainText, parseJson, parseYaml } from './index.ts';

describe('formatYaml writes as sigs.k8s.io/yaml does', () => {
  test.each<[string, unknown]>([
    ['a:\n- 1\n- c: x\n  d: []\nb: 1\ne: {}\n', { b: 1, a: [1, { c: 'x', d: [] }], e: {} }],
    ['- - 1\n  - - 2\n- a:\n    b: null\n', [[1, [2]], { a: { b: null } }]],
    ['B: 3\na-b: 4\na9: 2\na10: 1\n', { a10: 1, a9: 2, B: 3, 'a-b': 4 }],
    ['"yes"\n', 'yes'],
    ['"0644"\n', '0644'],
    ['"1:30"\n', '1:30'],
    ['"2020-01-01"\n', '2020-01-01'],
    ['2020-13-01\n', '2020-13-01'],
    ["'a: b'\n", 'a: b'],
    ["'it''s #1'\n", "it's #1"],
    ['nginx:1.25\n', 'nginx:1.25'],
    ['""\n', ''],
    ['"a\\tb"\n', 'a\tb'],
    ['"\\U0001F600"\n', '😀'],
    ['|\n  a\n  b\n', 'a\nb\n'],
    ['k: |2-\n   a\n  b\n', { k: ' a\nb' }],
    ['|2+\n\n', '\n'],
    ['|+\n  a\n\n', 'a\n\n'],
    ['"a \\nb"\n', 'a \nb'],
    ['? |-\n  a\n  b\n: - 1\n', { 'a\nb': [1] }],
    ['1e+21\n', 1e21],
    ['1.2345675e+06\n', 1234567.5],
    ['1234567\n', 1234567],
    ['1e-05\n', 0.00001],
    ['1\n', 1.0],
    ['12345678901234567890\n', 12345678901234567890n],
    ['null\n', undefined],
    ['b: 1\n', { a: undefined, b: 1 }],
  ])('%j', (text, value) => {
    expect(formatYaml(value)).toBe(text);
  });

  test('long text folds at the first space behind column 80', () => {
    const words = Array(30).fill('lorem').join(' ');

    expect(formatYaml({ k: words })).toBe(
      `k: ${Array(14).fill('lorem').join(' ')}\n  ${Array(14).fill('lorem').join(' ')}\n  lorem lorem\n`,
    );
  });

  test('documents are joined by three dashes', () => {
    expect(formatYamlDocuments([{ a: 1 }, { b: 2 }])).toBe('a: 1\n---\nb: 2\n');
  });

  test('what is written reads back', () => {
    const value = { a: ['x\n\ty', { 'k k': -0.5, n: null }], b: { t: 'true', u: true, v: 2n ** 63n } };

    expect(parseYaml(formatYaml(value))).toEqual(value);
  });

  test('numbers that JSON cannot hold are refused', () => {
    expect(() => formatYaml({ a: Number.NaN })).toThrow('json: unsupported value: NaN');
  });
});

describe('JSON', () => {
  test('integers keep all their digits', () => {
    const text = '{"a":12345678901234567890,"b":9007199254740991,"c":1.5}';

    expect(parseJson(text)).toEqual({ a: 12345678901234567890n, b: 9007199254740991, c: 1.5 });
    expect(formatJson(parseJson(text))).toBe(text);
  });

  test('indentation, sorted keys and HTML escapes follow Go', () => {
    expect(formatJson({ b: [1, {}], a: '<&>' }, { indent: '  ', sortKeys: true, escapeHtml: true })).toBe(
      '{\n  "a": "\\u003c\\u0026\\u003e",\n  "b": [\n    1,\n    {}\n  ]\n}',
    );
  });

  test('a key named __proto__ is an ordinary one', () => {
    expect(formatJson(parseJson('{"__proto__":12345678901234567890}'))).toBe('{"__proto__":12345678901234567890}');
  });

  test('what is no JSON is a YamlError', () => {
    expect(() => parseJson('{a}')).toThrow('json: ');
  });
});

test('the third version of go-yaml indents sequences, keeps long lines and writes tabs in blocks', () => {
  const long = 'word '.repeat(30).trim();
  const value = { l: [1, [2n]], long, block: '\ta\nb', f: 1_000_000, when: new PlainText('2024-02-29T00:00:00Z') };

  expect(formatYamlV3(value)).toBe(
    `block: |-\n  \ta\n  b\nf: 1e+06\nl:\n  - 1\n  - - 2\nlong: ${long}\nwhen: 2024-02-29T00:00:00Z\n`,
  );
});
