import { describe, expect, test } from 'vitest';
import { fn, GoInt, GoStruct, parseTemplates, sprintf, TemplateSet } from './index.ts';

const render = (text: string, data: unknown = {}) => parseTemplates({ t: text }).execute('t', data);

describe('language', () => {
  test('trim markers take the space around an action', () => {
    expect(render('a \n{{- 1 -}}\n b {{- /* c */ -}} c')).toBe('a1bc');
  });

  test('else chains, range with index, break and continue', () => {
    const text =
      '{{ range $i, $v := .l }}{{ if eq $v "b" }}{{ continue }}{{ else if eq $v "d" }}{{ break }}{{ end }}{{ $i }}{{ $v }} {{ else }}none{{ end }}';

    expect(render(text, { l: ['a', 'b', 'c', 'd'] })).toBe('0a 2c ');
    expect(render(text, { l: [] })).toBe('none');
  });

  test('maps are ranged over in the order of their keys', () => {
    expect(render('{{ range $k, $v := . }}{{ $k }}{{ $v }} {{ end }}', { b: 1, 10: 2, 9: 3 })).toBe('102 93 b1 ');
  });

  test('an assignment reaches the variable outside', () => {
    expect(render('{{ $x := 1 }}{{ if true }}{{ $x = 2 }}{{ $x := 3 }}{{ end }}{{ $x }}')).toBe('2');
  });

  test('a block defines a template that a later definition replaces', () => {
    const set = parseTemplates({ a: '{{ block "b" . }}old{{ end }}', c: '{{ define "b" }}new{{ end }}' });

    expect(set.execute('a', {})).toBe('new');
  });

  test('and and or stop early', () => {
    expect(render('{{ or 1 (index .l 5) }}{{ and 0 (index .l 5) }}', { l: [] })).toBe('10');
  });
});

describe('values', () => {
  test('numbers of data are floats and constants are integers (HELM-TPL-10)', () => {
    expect(render('{{ . }} {{ 1234567 }}', 1_234_567)).toBe('1.234567e+06 1234567');
    expect(() => render('{{ eq . 3 }}', 3)).toThrow('incompatible types for comparison: float64 and int');
  });

  test('what is missing prints as no value and is safe in parentheses only (HELM-TPL-03)', () => {
    expect(render('{{ .a }} {{ (.a).b }}')).toBe('<no value> <no value>');
    expect(() => render('{{ .a.b }}')).toThrow(
      'template: t:1:5: executing "t" at <.a.b>: nil pointer evaluating interface {}.b',
    );
  });

  test('a key named __proto__ is an ordinary key', () => {
    expect(render('{{ .__proto__ }} {{ .constructor }}', JSON.parse('{"__proto__": "own"}'))).toBe('own <no value>');
  });

  test('structs have fields and methods', () => {
    const point = new GoStruct('p.Point', {
      fields: { X: new GoInt(1) },
      methods: { Add: fn('int', (n: GoInt) => n) },
    });

    expect(render('{{ .X }} {{ .Add 2 }} {{ printf "%+v %T" . . }}', point)).toBe('1 2 {X:1} p.Point');
    expect(() => render('{{ .Y }}', point)).toThrow("can't evaluate field Y in type p.Point");
  });
});

describe('errors', () => {
  test.each([
    ['{{ if }}x{{ end }}', 'template: t:1: missing value for if'],
    ['a\n{{ nope }}', 'template: t:2: function "nope" not defined'],
    ['{{ $x }}', 'template: t:1: undefined variable "$x"'],
    ['{{ "a', 'template: t:1: unterminated quoted string'],
    ['{{ 1 | 2 }}', 'template: t:1: non executable command in pipeline stage 2'],
    ['{{ if 1 }}', 'template: t:1: unexpected EOF'],
    ['{{ len }}', 'wrong number of args for len: want 1 got 0'],
    ['é\né{{ template "x" }}', 'template: t:2:14: executing "t" at <{{template "x"}}>: template "x" not defined'],
  ])('%j is refused as in Go', (text, message) => {
    expect(() => render(text)).toThrow(message);
  });

  test('an argument of the wrong type names both types', () => {
    const set = parseTemplates(
      { t: '{{ up 1.5 }}{{ up . }}' },
      { functions: { up: fn('string', (text: string) => text) } },
    );

    expect(() => set.execute('t', 1)).toThrow('expected string; found 1.5');
  });

  test('a missing key is an error when asked for', () => {
    expect(() => parseTemplates({ t: '{{ .a }}' }).execute('t', {}, { missingKey: 'error' })).toThrow(
      'map has no entry for key "a"',
    );
  });
});

describe('limits', () => {
  test('endless recursion, output and loops end in errors', () => {
    const set = parseTemplates({ r: '{{ template "r" }}', o: '{{ range . }}xxxxxxxxxx{{ end }}' });

    expect(() => set.execute('r', {})).toThrow('exceeded maximum template depth');
    expect(() => set.execute('o', new GoInt(100), { limits: { bytes: 500 } })).toThrow('larger than 500 bytes');
    expect(() => set.execute('o', new GoInt(10_000_000_000n), { limits: { steps: 1000 } })).toThrow(
      'more than 1000 steps',
    );
  });

  test('an included template draws on the same limits', () => {
    const functions = { include: fn('string', (name: string): string => set.execute(name, 1)) };
    const set: TemplateSet = new TemplateSet({ functions });
    set.parse('a', '{{ include "b" }}{{ include "b" }}');
    set.parse('b', '0123456789');

    expect(() => set.execute('a', 1, { limits: { bytes: 15 } })).toThrow('larger than 15 bytes');
  });

  test('deep nesting in the source is refused', () => {
    expect(() => render(`{{ ${'('.repeat(5000)}1${')'.repeat(5000)} }}`)).toThrow('max expression depth exceeded');
  });
});

describe('printf', () => {
  test.each([
    ['%5d|%-5d|%05d|%+d', [new GoInt(42), new GoInt(42), new GoInt(42), new GoInt(42)], '   42|42   |00042|+42'],
    [
      '%x %X %o %b %c %U',
      ['hi', new GoInt(255), new GoInt(8), new GoInt(5), new GoInt(65), new GoInt(65)],
      '6869 FF 10 101 A U+0041',
    ],
    ['%.2f %e %g', [2.71728, 1500, 1e21], '2.72 1.500000e+03 1e+21'],
    ['%d %s', ['a', 1.5], '%!d(string=a) %!s(float64=1.5)'],
    ['%d', [], '%!d(MISSING)'],
    ['x', [true], 'x%!(EXTRA bool=true)'],
    ['%[2]s %[1]q', ['a', 'b'], 'b "a"'],
    ['%+d %Z', [[new GoInt(1), 2.5, null], true], '[+1 %!d(float64=+2.5) <nil>] %!Z(bool=true)'],
    ['%.0e %.0e %.3g %#.3x', [2.5, 3.5, 1234.5, 1], '2e+00 4e+00 1.23e+03 0x1.000p+00'],
    ['%08.3f|%+-8d|% x|%.1T', [-1.5, new GoInt(3), 'ab', 'x'], '-001.500|+3      |61 62|s'],
    ['%w %c %.', [['a'], new GoInt(0xd800), new GoInt(1)], '%!w([]interface {}=[a]) \ufffd %!.(int=1)'],
    ['%v %#v', [{ b: 1, a: [null, 'x'] }, ['s', 2]], 'map[a:[<nil> x] b:1] []interface {}{"s", 2}'],
  ])('%s', (format, values, expected) => {
    expect(sprintf(format, values)).toBe(expected);
  });
});
