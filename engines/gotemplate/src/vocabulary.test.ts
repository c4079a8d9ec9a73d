import { describe, expect, it } from 'vitest';
import { parseTemplate } from './parser.ts';
import { parseTemplates } from './template-set.ts';
import { Vocabulary } from './vocabulary.ts';

describe('actions whose text was read before', () => {
  it('report errors where they stand', () => {
    const set = parseTemplates({ first: '{{ .a.b }}', second: '\n{{ .a.b }}{{ if .c }}\n  {{- .a.b }}{{ end }}' });
    expect(() => set.execute('first', { a: 1 })).toThrow('template: first:1:5: executing');
    expect(() => set.execute('second', { a: 1 })).toThrow('template: second:2:5: executing');
    const later = parseTemplates({ t: '{{ with .a }}{{ .b.c }}{{ end }}\né{{ with .d }} {{ .b.c }}{{ end }}' });
    expect(() => later.execute('t', { d: { b: 1 } })).toThrow('template: t:2:21: executing "t" at <.b.c>');
  });

  it('need their variables and declare their own', () => {
    const known = '{{ $x := 1 }}{{ $x }}';
    expect(() => parseTemplates({ a: known, b: '\n{{ $x }}' })).toThrow('template: b:2: undefined variable "$x"');
    const set = parseTemplates({
      a: known,
      b: '{{ $x := 1 }}[{{ $x }}]{{ range $i, $x := .l }}{{ $x }}{{ end }}{{ $x }}',
    });
    expect(set.execute('b', { l: ['p', 'q'] })).toBe('[1]pq1');
    expect(() => parseTemplates({ a: '{{ ($y := 1) }}{{ $y }}', b: '{{ ($y := 1) }}{{ $y }}' })).not.toThrow();
  });

  it('end at their own delimiter, with its marker', () => {
    const text = '{{ "}}" }} {{ "}}" -}} {{ "}}" }}{{- `}}` }} .';
    expect(parseTemplates({ a: text, b: text }).execute('b', {})).toBe('}} }}}}}} .');
  });

  it('tell an if from an else if', () => {
    const text = '{{ if .a }}a{{ else if .b }}b{{ else }}c{{ end }}{{ if .a }}{{ else if .b }}b{{ end }}';
    const set = parseTemplates({ first: text, second: text });
    for (const [data, output] of [
      [{ a: true }, 'a'],
      [{ b: true }, 'bb'],
      [{}, 'c'],
    ] as const) {
      expect(set.execute('second', data)).toBe(output);
    }
  });

  it('are no longer kept when many large texts are read', () => {
    const vocabulary = new Vocabulary(new Set());
    const read = (text: string) => parseTemplate('t', text, vocabulary);
    read('{{ .a }}');
    for (let count = 0; count < 33; count++) read(' '.repeat(1024 * 1024));
    read('{{ .b }}');
    expect([vocabulary.find(' .a ')?.action.type, vocabulary.find(' .b ')]).toEqual(['action', undefined]);
  });
});
