import { parseTemplates } from '@flux/gotemplate';
import { expect, test } from 'vitest';
import { helmFunctions } from './index.ts';

const render = (text: string, data: unknown = {}) =>
  parseTemplates({ t: text }, { functions: helmFunctions() }).execute('t', data);

test('toYamlPretty indents sequences and never folds', () => {
  expect(render('{{ toYamlPretty . }}', { l: ['a', ['b']], long: 'word '.repeat(40).trim() })).toBe(
    `l:\n  - a\n  - - b\nlong: ${'word '.repeat(40).trim()}`,
  );
});

test('toYamlPretty knows times, integers and bytes, which JSON does not', () => {
  expect(
    render('{{ toYamlPretty (dict "d" (toDate "2006-01-02" "2024-02-29") "i" 1000000 "f" 1e6 "b" (b64dec "/w==")) }}'),
  ).toBe('b: !!binary /w==\nd: 2024-02-29T00:00:00Z\nf: 1e+06\ni: 1000000');
});

test('a map that contains itself is refused', () => {
  expect(render('{{ $d := dict }}{{ $_ := set $d "x" $d }}[{{ toYamlPretty $d }}]')).toBe('[]');
});
