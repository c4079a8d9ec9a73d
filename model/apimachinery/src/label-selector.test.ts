import fc from 'fast-check';
import { expect, test } from 'vitest';
import { labelSelectorFromObject, parseLabelSelector, SelectorError } from './label-selector.ts';

const labels = { app: 'web', tier: '3', empty: '' };

test.for([
  ['', true],
  ['app=web', true],
  ['app==web,tier!=4', true],
  ['app in (web, api)', true],
  ['app notin (web)', false],
  ['!debug', true],
  ['app', true],
  ['missing!=x', true],
  ['tier>2,tier<4', true],
  ['tier>3', false],
  ['app>1', false],
  ['empty=', true],
  ['empty in ()', true],
  ['a==', false],
  ['in in (in)', false],
  ['constructor', false],
] as const)('%s', ([text, matches]) => {
  expect(parseLabelSelector(text).matches(labels)).toBe(matches);
});

test.for([
  ['a in (x', "unable to parse requirement: found '', expected: ',' or ')'"],
  ['a b', "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"],
  ['a,', "found '', expected: identifier after ','"],
  [',a', "found ',', expected: !, identifier, or 'end of string'"],
  ['a=(', "unable to parse requirement: found '(', expected: identifier"],
  ['a=b c', "found 'c', expected: ',' or 'end of string'"],
  [
    'a>x',
    "unable to parse requirement: values[0]: Invalid value: \"x\": for 'Gt', 'Lt' operators, the value must be an integer",
  ],
] as const)('%s is refused as the server refuses it', ([text, message]) => {
  expect(() => parseLabelSelector(text)).toThrow(new SelectorError(message));
});

test('a bad key and a bad value name their fields', () => {
  expect(() => parseLabelSelector('a/b/c=1')).toThrow(
    /^unable to parse requirement: <nil>: Invalid value: "a\/b\/c": a valid label key/,
  );
  expect(() => parseLabelSelector('a=-x')).toThrow(/values\[0\]\[a\]: Invalid value: "-x": a valid label must be/);
});

test('selectors of a spec join labels and expressions; an absent one matches nothing', () => {
  const selector = labelSelectorFromObject({
    matchLabels: { app: 'web' },
    matchExpressions: [
      { key: 'tier', operator: 'In', values: ['3', '4'] },
      { key: 'debug', operator: 'DoesNotExist' },
    ],
  });

  expect(selector.matches(labels)).toBe(true);
  expect(selector.toString()).toBe('app=web,!debug,tier in (3,4)');
  expect(labelSelectorFromObject({}).matches(undefined)).toBe(true);
  expect(labelSelectorFromObject(undefined).matches(labels)).toBe(false);
  expect(() => labelSelectorFromObject({ matchExpressions: [{ key: 'a', operator: 'Like' }] })).toThrow(
    '"Like" is not a valid label selector operator',
  );
});

test('any text is either a selector that prints and parses again or a SelectorError', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('a', '1', '=', '!', ',', '(', ')', ' ', '>', 'in', '-', '/') }),
      (text) => {
        try {
          const selector = parseLabelSelector(text);
          expect(parseLabelSelector(selector.toString()).toString()).toBe(selector.toString());
        } catch (error) {
          expect(error).toBeInstanceOf(SelectorError);
        }
      },
    ),
  );
});
