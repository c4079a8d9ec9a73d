import { expect, test } from 'vitest';
import type { Chart } from '../chart/chart.ts';
import { validateValues } from './validate-values.ts';

function chart(name: string, schema: unknown, ...dependencies: Chart[]): Chart {
  const metadata = { name, version: '1.0.0', apiVersion: 'v2' };
  const text = typeof schema === 'string' ? schema : JSON.stringify(schema);
  return { metadata, values: {}, schema: Buffer.from(text), templates: [], files: [], raw: [], dependencies };
}

const wantsText = { properties: { a: { type: 'string' } } };
const head = "values don't meet the specifications of the schema(s) in the following chart(s):\n";

test('each chart judges its own values (HELM-CVAL-06)', async () => {
  const root = chart('root', wantsText, chart('sub', wantsText));

  await expect(validateValues(root, { a: 'x', sub: { a: 'x' } })).resolves.toBeUndefined();
  await expect(validateValues(root, { a: 1, sub: { a: 1 } })).rejects.toThrow(
    `${head}root:\n- at '/a': got number, want string\nsub:\n- at '/a': got number, want string\n`,
  );
  await expect(validateValues(root, { sub: 'text' })).rejects.toThrow(
    `${head}sub:\ninvalid type for values: expected object (map), got string\n`,
  );
});

test('a schema that is none says why', async () => {
  await expect(validateValues(chart('root', '{bad'), {})).rejects.toThrow(
    `${head}root:\ninvalid character 'b' looking for beginning of object key string`,
  );
});

test('schemas elsewhere are loaded only by what the caller gives', async () => {
  const root = chart('root', { $ref: 'https://example.com/a.json' });

  await expect(validateValues(root, {})).rejects.toThrow(
    'failing loading "https://example.com/a.json": remote schemas are not loaded',
  );
  await expect(validateValues(root, { a: 1 }, { loadSchema: async () => JSON.stringify(wantsText) })).rejects.toThrow(
    "- at '/a': got number, want string",
  );
  await expect(validateValues(chart('root', { $ref: '/etc/passwd' }), {})).rejects.toThrow(
    'failing loading "file:///etc/passwd": open /etc/passwd: no such file or directory',
  );
});

test('a schema by URN allows everything, with a warning', async () => {
  const messages: string[] = [];
  const options = { warn: ({ message }: { message: string }) => void messages.push(message) };

  await validateValues(chart('root', { $ref: 'urn:example:x' }), { a: 1 }, options);

  expect(messages).toEqual(['unresolved URN reference ignored; using permissive schema']);
});
