import { expect, test } from 'vitest';
import { compileCel } from './index.ts';

const evaluate = (expression: string, variables: Record<string, unknown> = {}) =>
  compileCel(expression, { variables: Object.keys(variables) }).evaluate(variables);

test('constructs objects, with fields and optional fields at any depth', () => {
  expect(
    evaluate('Object{spec: Object.spec{replicas: 1 + 1, ?paused: optional.none(), ?a: optional.of("{,}")}}'),
  ).toEqual({ spec: { replicas: 2, a: '{,}' } });
  expect(evaluate('Object{\n metadata: Object.metadata { labels: {"a": "Object{b: 1}"}, },\n}')).toEqual({
    metadata: { labels: { a: 'Object{b: 1}' } },
  });
  const containers = 'Object{l: o.l.map(c, Object.l{name: c.name, is: c.name == "a" ? 1 : 2})}';
  expect(evaluate(containers, { o: { l: [{ name: 'a' }, { name: 'b' }] } })).toEqual({
    l: [
      { name: 'a', is: 1 },
      { name: 'b', is: 2 },
    ],
  });
  expect(evaluate('true ? Object{} : Object{a: 1}')).toEqual({});
});

test('an object in the place of another is an error', () => {
  expect(() => evaluate('Object{spec: Object.spec{a: Object.spec.b{}}}')).toThrow(
    'unexpected type name "Object.spec.b", expected "Object.spec.a", which matches field name path from root Object type',
  );
});

test('constructs operations of JSON patches', () => {
  expect(
    evaluate('[JSONPatch{op: "add", path: "/a/" + jsonpatch.escapeKey("x/y~z"), value: Object.a{b: [1]}}]'),
  ).toEqual([{ op: 'add', path: '/a/x~1y~0z', value: { b: [1] } }]);
});

test('errors are shown where they are in what was written', () => {
  expect(() => evaluate('Object{data: Object.data{x: nope}}')).toThrow(
    "ERROR: <input>:1:29: undeclared reference to 'nope' (in container '')",
  );
});

test('names that only look like types are left alone', () => {
  expect(evaluate('o.Object == 1 && {"Object": {"a": 2}}.Object.a == 2', { o: { Object: 1 } })).toBe(true);
});

test('endless or broken texts end in an error', () => {
  for (const text of [
    'Object{',
    'Object{a',
    'Object{a:}',
    'JSONPatch{}}',
    `${'Object{a:'.repeat(400)}1`,
    'Object{`a b`: 1',
  ]) {
    expect(() => evaluate(text)).toThrow('ERROR: <input>');
  }
});
