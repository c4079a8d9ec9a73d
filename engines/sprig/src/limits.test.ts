import { TemplateSet } from '@flux/gotemplate';
import { expect, test } from 'vitest';
import { helmFunctions, includeFunctions } from './index.ts';

function render(text: string): string {
  const set: TemplateSet = new TemplateSet({
    functions: { ...helmFunctions(), ...includeFunctions(() => set, false) },
  });
  set.parse('t', text);
  return set.execute('t', {}, { limits: { steps: 100_000 } });
}

/** Which limit is met first depends on the stack of the thread. */
const tooDeep = /call each other too deeply|maximum template depth|nested reference name/;

/** A list that holds another twice, thirty levels deep: small in memory, a billion parts when written out. */
const laughs = '{{ $x := list 1 }}{{ range until 30 }}{{ $x = list $x $x }}{{ end }}';
const laughingMaps = '{{ $x := dict "a" 1 }}{{ range until 30 }}{{ $x = dict "a" $x "b" $x }}{{ end }}';
const selfContained = '{{ $d := dict }}{{ $_ := set $d "x" $d }}';

test.each([
  ['endless include', '{{ define "a" }}{{ include "a" . }}{{ end }}{{ include "a" . }}', tooDeep],
  ['endless tpl', '{{ $t := "{{ tpl . . }}" }}{{ tpl $t $t }}', tooDeep],
  ['nested loops', '{{ range until 1000 }}{{ range until 1000 }}{{ end }}{{ end }}', 'more than 100000 steps'],
  [
    'doubled text',
    '{{ $x := "abcdefgh" }}{{ range until 60 }}{{ $x = print $x $x }}{{ end }}',
    'the result is longer than',
  ],
  [
    'doubled lists',
    '{{ $x := list 1 }}{{ range until 60 }}{{ $x = concat $x $x }}{{ end }}',
    'the result has more than 5000000 items',
  ],
  ['printed laughs', `${laughs}{{ print $x }}`, 'too many parts to be printed'],
  ['copied laughs', `${laughs}{{ $y := deepCopy $x }}`, 'too many parts to be copied'],
  ['written laughs', `${laughs}{{ mustToJson $x }}`, 'too many parts to be written as JSON'],
  [
    'compared laughs',
    `${laughs}{{ $y := fromJson "[1]" }}${laughs.replaceAll('$x', '$y')}{{ deepEqual $x $y }}`,
    'too many parts to be compared',
  ],
  ['merged laughs', `${laughingMaps}{{ $y := mergeOverwrite (dict) $x $x }}`, 'too many parts to be merged'],
  ['a map that contains itself', `${selfContained}{{ $d }}`, 'nested too deeply to be printed'],
  ['its copy', `${selfContained}{{ $e := deepCopy $d }}`, 'nested too deeply to be copied'],
  ['much of a text', '{{ regexReplaceAll "" (repeat 100000 "a") (repeat 10000 "b") }}', 'Invalid string length'],
  ['a wide number', '{{ printf "%*d" 1000000000 1 }}', /%!\(BADWIDTH\)/],
])('%s ends in an error or its text', (_title, text, message) => {
  let outcome: string;
  try {
    outcome = render(text);
  } catch (error) {
    outcome = error instanceof Error ? error.message : '';
  }
  expect(outcome.slice(-200)).toMatch(message);
});

test('patterns that backtrack elsewhere are linear', () => {
  expect(render('{{ regexMatch "(a+)+$" (print (repeat 20000 "a") "!") }}')).toBe('false');
});
