import { GoInt } from '@flux/gotemplate';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseSet, parseSetFile, parseSetJson, parseSetLiteral, parseSetString } from './set-parser.ts';

const int = (value: number) => new GoInt(value, 'int64');

test.each([
  ['a=1,b=-2,c=+3', { a: int(1), b: int(-2), c: int(3) }],
  ['a=true,b=FALSE,c=Null', { a: true, b: false, c: null }],
  ['a=1.5,b=007,c=1e3,d=9223372036854775808', { a: '1.5', b: '007', c: '1e3', d: '9223372036854775808' }],
  ['a.b.c=x', { a: { b: { c: 'x' } } }],
  ['a\\.b=x\\,y', { 'a.b': 'x,y' }],
  ['a={x,1,},b=2', { a: ['x', int(1), ''], b: int(2) }],
  ['l[2]=x,l[0].k=y', { l: [{ k: 'y' }, null, 'x'] }],
  ['l[0][1]=x', { l: [[null, 'x']] }],
  ['a=', { a: '' }],
  ['a[', {}],
  ['__proto__.x=1', JSON.parse('{"__proto__": {}}')],
])('--set %s', (text, expected) => {
  const values = parseSet(text);

  if (text.startsWith('__proto__')) {
    expect(Object.keys(values)).toEqual(['__proto__']);
    expect('x' in {}).toBe(false);
  } else expect(values).toEqual(expected);
});

test.each([
  ['a', 'key "a" has no value'],
  ['a,b=1', 'key "a" has no value (cannot end with ,)'],
  ['a={x', "list must terminate with '}'"],
  ['a.=1', 'key map "a" has no value'],
  ['l[x]=1', 'error parsing index: strconv.Atoi: parsing "x": invalid syntax'],
  ['l[-1]=1', 'negative -1 index not allowed'],
  ['l[99999999]=1', 'index of 99999999 is greater than maximum supported index of 65536'],
  ['l[0]x=1', "unexpected data at end of array index: ['x']"],
  ['a=1,a.b=2', 'unable to parse key: interface conversion: interface {} is int64, not map[string]interface {}'],
  ['a=x,a[0]=2', 'unable to parse key: interface conversion: interface {} is string, not []interface {}'],
  [`${'a.'.repeat(31)}b=1`, 'value name nested level is greater than maximum supported nested level of 30'],
])('--set %s is refused', (text, message) => {
  expect(() => parseSet(text)).toThrow(message);
});

test('the other flags differ in what a value is', () => {
  expect(parseSetString('a=1,b={1,true}')).toEqual({ a: '1', b: ['1', 'true'] });
  expect(parseSetJson('a={"x":[1,"}"]} ,b= ,c="y"')).toEqual({ a: { x: [1, '}'] }, b: null, c: 'y' });
  expect(parseSetFile('a=path', (path) => `content of ${path}`)).toEqual({ a: 'content of path' });
  expect(parseSetLiteral('a.b=x,y={1}\\')).toEqual({ a: { b: 'x,y={1}\\' } });
  expect(() => parseSetJson(`a=${'['.repeat(100_000)}`)).toThrow('nested too deeply');
});

test('values are set into those that are there; a list that grows is a new one', () => {
  const list = [1];
  const target = { a: { b: 1 }, list };

  parseSet('a.c=x,list[1]=y', target);

  expect(target).toEqual({ a: { b: 1, c: 'x' }, list: [1, 'y'] });
  expect(list).toEqual([1]);
});

test('text is never anything but values or an error', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'ab.,=[]{}\\0 1"-') }), (text) => {
      for (const parse of [parseSet, parseSetString, parseSetJson, parseSetLiteral]) {
        try {
          expect(parse(text)).toBeTypeOf('object');
        } catch (error) {
          expect(error).toMatchObject({ code: 'HELM_VALUES' });
        }
      }
    }),
  );
});

test('an escaped key and value come back as they were, whatever they are called', () => {
  const escaped = (text: string) => text.replace(/[\\.,=[\]{}]/g, '\\$&');
  const key = fc.oneof(fc.string({ minLength: 1 }), fc.constantFrom('__proto__', 'constructor', 'a.b', '0'));
  fc.assert(
    fc.property(key, fc.string(), (name, value) => {
      const values = parseSetString(`${escaped(name)}=${escaped(value)}`);

      expect(Object.entries(values)).toEqual([[name.toWellFormed(), value.toWellFormed()]]);
      expect(Object.getPrototypeOf(values)).toBe(Object.prototype);
    }),
  );
});
