import { expect, test } from 'vitest';
import { boolFlag, durationFlag, enumFlag, type Flag, intFlag, listFlag, repeatedFlag, stringFlag } from './flag.ts';
import { parseFlags } from './parse-flags.ts';

const flags = new Map<string, Flag>(
  Object.entries({
    namespace: stringFlag('', { short: 'n', default: 'flux-system' }),
    all: boolFlag('', { short: 'A' }),
    watch: boolFlag('', { short: 'w' }),
    timeout: durationFlag('', { default: '5m0s' }),
    tail: intFlag('', { default: -1 }),
    label: listFlag('', { default: ['a=b'] }),
    extra: repeatedFlag(''),
    level: enumFlag('', ['info', 'error'], { refuse: (text) => `unsupported '${text}'` }),
  }),
);
const parse = (...words: string[]) => parseFlags(words, flags);

test('reads flags between arguments, joined shorthands and values in every form', () => {
  const { values, args, changed } = parse('podinfo', '-Awn', 'apps', '--timeout=1m30s', '--tail', '5', 'other');

  expect(values).toMatchObject({ all: true, watch: true, namespace: 'apps', timeout: 90_000, tail: 5 });
  expect(args).toEqual(['podinfo', 'other']);
  expect(changed.has('label')).toBe(false);
});

test('takes the value of a shorthand from the same word', () => {
  expect(parse('-napps').values['namespace']).toBe('apps');
  expect(parse('-n=apps').values['namespace']).toBe('apps');
});

test('leaves everything after two dashes alone', () => {
  expect(parse('--', '--all', '-n').args).toEqual(['--all', '-n']);
});

test('replaces the default of a list at its first use and splits it at commas', () => {
  expect(parse('--label=x=1,y=2', '--label', 'z=3').values['label']).toEqual(['x=1', 'y=2', 'z=3']);
  expect(parse('--label="x=1,2",y=2').values['label']).toEqual(['x=1,2', 'y=2']);
  expect(parse('--extra=a,b', '--extra=c').values['extra']).toEqual(['a,b', 'c']);
});

test('does not take the next word for a switch', () => {
  const { values, args } = parse('--all', 'false');

  expect(values['all']).toBe(true);
  expect(args).toEqual(['false']);
});

test.each([
  [['--nope'], 'unknown flag: --nope'],
  [['-x'], "unknown shorthand flag: 'x' in -x"],
  [['-Ax'], "unknown shorthand flag: 'x' in -Ax"],
  [['--namespace'], 'flag needs an argument: --namespace'],
  [['-n'], "flag needs an argument: 'n' in -n"],
  [
    ['--all=maybe'],
    'invalid argument "maybe" for "-A, --all" flag: strconv.ParseBool: parsing "maybe": invalid syntax',
  ],
  [['--timeout=5'], 'invalid argument "5" for "--timeout" flag: time: missing unit in duration "5"'],
  [['--tail=x'], 'invalid argument "x" for "--tail" flag: strconv.ParseInt: parsing "x": invalid syntax'],
  [['--level=warn'], 'invalid argument "warn" for "--level" flag: unsupported \'warn\''],
  [['--=x'], 'bad flag syntax: --=x'],
])('refuses %j', (words, message) => {
  expect(() => parse(...words)).toThrow(message);
});
