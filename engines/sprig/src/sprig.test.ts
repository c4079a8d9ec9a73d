import { parseTemplates, TemplateSet } from '@flux/gotemplate';
import { describe, expect, test } from 'vitest';
import {
  executeErrorText,
  helmFiles,
  helmFunctions,
  includeFunctions,
  parseErrorText,
  sprigFunctions,
} from './index.ts';

const fixed = { now: () => 1_700_000_000_000_000_000n, randomBytes: (count: number) => new Uint8Array(count) };
const render = (text: string, data: unknown = {}) =>
  parseTemplates({ t: text }, { functions: sprigFunctions(fixed) }).execute('t', data);

function helmSet(texts: Record<string, string>): TemplateSet {
  const set: TemplateSet = new TemplateSet({
    functions: { ...helmFunctions(fixed), ...includeFunctions(() => set, false) },
  });
  for (const [name, text] of Object.entries(texts)) set.parse(name, text);
  return set;
}

describe('sprig', () => {
  test.each([
    ['{{ "  hello world " | trim | title | quote }}', '"Hello World"'],
    [
      '{{ snakecase "FirstNameHTTP2x" }} {{ camelcase "http_server" }} {{ kebabcase "FooBar" }}',
      'first_name_http_2x HttpServer foo-bar',
    ],
    ['{{ list "b" "a" nil | sortAlpha | join "," }}', 'a,b'],
    ['{{ add 1 "0x10" 2.9 }} {{ div 7 2 }} {{ addf 0.1 0.2 }} {{ round 2.675 2 }}', '19 3 0.3 2.68'],
    ['{{ dict "a" (dict "b" 1) | merge (dict "a" (dict "c" 2)) }}', 'map[a:map[b:1 c:2]]'],
    ['{{ default "x" "" }} {{ coalesce 0 nil "y" }} {{ ternary 1 2 false }}', 'x y 2'],
    [
      '{{ now | date "2006-01-02T15:04:05Z07:00" }} {{ toDate "2006-01-02" "2024-02-29" | unixEpoch }}',
      '2023-11-14T22:13:20Z 1709164800',
    ],
    ['{{ regexReplaceAll "a(x*)b" "-ab-axxb-" "${1}W" }} {{ semverCompare "^1.2" "1.9.0" }}', '-W-xxW- true'],
    [
      '{{ b64enc "hi" }} {{ "!" | b64dec }} {{ sha256sum "" | trunc 8 }}',
      'aGk= illegal base64 data at input byte 0 e3b0c442',
    ],
    [
      '{{ toJson (dict "b" "<" "a" 1.5) }} {{ uuidv4 }}',
      '{"a":1.5,"b":"\\u003c"} 00000000-0000-4000-8000-000000000000',
    ],
    ['{{ concat | toJson }} {{ rest (list) | toJson }} {{ regexFindAll "x" "a" -1 | toJson }}', 'null null null'],
    ['{{ int64 (int64 "-9223372036854775808") | toJson }} {{ float64 "1e400" }}', '-9223372036854775808 0'],
    ['{{ snakecase "İb" }} {{ swapcase "ⓐaB" }} {{ b64dec "a!b" }}', 'ib ⓐAb illegal base64 data at input byte 1'],
    ['{{ typeOf 1 }} {{ kindOf (list) }} {{ typeOf (splitList "," "a") }}', 'int slice []string'],
    [
      '{{ until 3 }} {{ seq 0 2 6 }} {{ dir "/a/b" }} {{ (urlParse "http://u@h:1/p?q").hostname }}',
      '[0 1 2] 0 2 4 6 /a h',
    ],
  ])('%s', (text, expected) => {
    expect(render(text)).toBe(expected);
  });

  test('a panic of Go is an error of the call', () => {
    expect(() => render('{{ div 1 0 }}')).toThrow('error calling div: runtime error: integer divide by zero');
    expect(() => render('{{ first "a" }}')).toThrow('error calling first: Cannot find first on type string');
  });

  test('huge results are refused', () => {
    expect(() => render('{{ repeat 1000000000 "a" }}')).toThrow('longer than');
    expect(() => render('{{ until 1000000000 }}')).toThrow('more than 1000000 numbers');
  });

  test('a key named __proto__ changes no prototype', () => {
    expect(render('{{ $d := dict }}{{ $_ := set $d "__proto__" (dict "x" 1) }}{{ $d }} {{ $d.x }}')).toBe(
      'map[__proto__:map[x:1]] <no value>',
    );
  });
});

describe('helm', () => {
  const helm = (text: string) => helmSet({ t: text }).execute('t', {});

  test('charts learn nothing of the machine, and calculate with durations (HELM-TPL-04)', () => {
    expect(() => helm('{{ env "HOME" }}')).toThrow('function "env" not defined');
    expect(() => helm('{{ expandenv "$HOME" }}')).toThrow('function "expandenv" not defined');
    expect(helm('[{{ getHostByName "localhost" }}] {{ mustToDuration "1m30s" | durationSeconds }}')).toBe('[] 90');
  });

  test('only functions that begin with must fail (HELM-TPL-05)', () => {
    expect(helm('{{ toYaml (dict "b" 1 "a" (list)) }}')).toBe('a: []\nb: 1');
    expect(helm('[{{ fromYaml "- a" }}] {{ fromYamlArray "a: [" | len }} {{ fromJsonArray "[" | len }}')).toMatch(
      /^\[map\[Error:.*\]\] 1 1$/,
    );
    expect(() => helm('{{ mustFromJson "[\\"a\\nb\\"]" }}')).toThrow("invalid character '\\n' in string literal");
    const loop = '{{ $d := dict }}{{ $_ := set $d "x" $d }}';
    expect(helm(`${loop}[{{ toYaml $d }}{{ toJson $d }}]`)).toBe('[]');
    expect(() => helm(`${loop}{{ mustToYaml $d }}`)).toThrow('error calling mustToYaml');
    expect(() => helm(`${loop}{{ mustToJson $d }}`)).toThrow('error calling mustToJson');
  });

  test('what tpl defines can be included inside of it (HELM-TPL-06)', () => {
    const text = '{{ define "inner" }}in {{ . }}{{ end }}{{ include "inner" .v }} {{ include "outer" .v }}';
    const set = helmSet({ _h: '{{ define "outer" }}out {{ . }}{{ end }}', t: '{{ tpl .text . }}' });

    expect(set.execute('t', { text, v: 'x' })).toBe('in x out x');
  });

  test('zero and false are values for required (HELM-TPL-07)', () => {
    expect(helm('{{ required "m" 0 }} {{ required "m" false }} {{ required "m" (list) }}')).toBe('0 false []');
    expect(() => helm('{{ required "m" "" }}')).toThrow('m');
    expect(() => helm('{{ required "m" nil }}')).toThrow('m');
  });

  test('include, tpl and toYaml work together (HELM-TPL-06)', () => {
    const set = helmSet({
      _h: '{{ define "l" }}a: {{ .v }}{{ end }}',
      t: '{{ include "l" . | nindent 2 }}{{ tpl "{{ toYaml . }}" (dict "k" (list 1 "yes")) }}',
    });

    expect(set.execute('t', { v: 1 })).toBe('\n  a: 1k:\n- 1\n- "yes"');
  });

  test('the message of fail and required is reported with its place (HELM-TPL-07)', () => {
    const set = helmSet({ t: 'x{{ required "need it" .missing }}' });

    expect(() => set.execute('t', {})).toThrow(
      expect.toSatisfy((error) => executeErrorText('t', error) === 'execution error at (t:1:4): need it'),
    );
  });

  test('a trace names every template on the way (HELM-TPL-07)', () => {
    const set = helmSet({ _h: '{{ define "l" }}{{ .a.b }}{{ end }}', t: '{{ include "l" . }}' });
    const trace =
      't:1:3\n  executing "t" at <include "l" .>:\n    error calling include:\n_h:1:21\n  executing "l" at <.a.b>:\n    nil pointer evaluating interface {}.b';

    expect(() => set.execute('t', {})).toThrow(expect.toSatisfy((error) => executeErrorText('t', error) === trace));
    expect(parseErrorText('t', 'template: t:1: function "x" not defined')).toBe(
      'parse error at (t:1): function "x" not defined',
    );
  });

  test('files are found by glob and shown as config (HELM-TPL-09)', () => {
    const files = helmFiles({ 'conf/a.yaml': Buffer.from('x: 1\n'), 'b.txt': Buffer.from('b') });
    const set = helmSet({
      t: '{{ (.Files.Glob "conf/*").AsConfig }}|{{ .Files.Get "b.txt" }}|{{ .Files.Lines "conf/a.yaml" }}',
    });

    expect(set.execute('t', { Files: files })).toBe('a.yaml: |\n  x: 1|b|[x: 1]');
    const rest = helmSet({
      t: '{{ (.Files.Glob "*.txt").AsSecrets }}|{{ .Files.GetBytes "b.txt" }}|[{{ .Files.Get "none" }}]',
    });
    expect(rest.execute('t', { Files: files })).toBe('b.txt: Yg==|[98]|[]');
  });

  test('text that is no YAML becomes an Error entry (HELM-TPL-05)', () => {
    expect(helmSet({ t: '{{ fromYaml "a: [" }}' }).execute('t', {})).toContain('Error:error converting YAML to JSON');
  });

  test('TOML goes both ways', () => {
    expect(
      helmSet({ t: '{{ toToml (dict "a" 1 "b" (dict "c" "x")) }}{{ (fromToml "a.b = [1, 2]").a.b }}' }).execute(
        't',
        {},
      ),
    ).toBe('a = 1\n\n[b]\n  c = "x"\n[1 2]');
  });
});
