import { expect, test } from 'vitest';
import { marshalGo, printGo } from './go-format.ts';

test('JSON has sorted keys and escapes what HTML would read', () => {
  expect(marshalGo({ b: [1, null, 2n], a: '<&>' })).toBe('{"a":"\\u003c\\u0026\\u003e","b":[1,null,2]}');
});

test('maps and lists print as Go prints them', () => {
  expect(printGo({ b: [1, 'x'], a: null, c: { d: true } })).toBe('map[a:<nil> b:[1 x] c:map[d:true]]');
});
