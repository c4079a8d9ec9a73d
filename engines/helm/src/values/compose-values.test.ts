import { GoInt } from '@flux/gotemplate';
import { expect, test } from 'vitest';
import { composeValues, digestValues, type ValuesReference } from './compose-values.ts';

const objects: Readonly<Record<string, Record<string, string>>> = {
  'ConfigMap/c': { 'values.yaml': 'a: 1\nm: {x: 1, z: 1}\n', value: '5', broken: 'a: [', float: '1.5', quoted: `'5'` },
  'Secret/s': { 'values.yaml': 'm: {z: 2}\n', list: '{a,b}' },
};

function compose(inline: Record<string, unknown>, ...references: ValuesReference[]) {
  const asked: string[] = [];
  const values = composeValues(inline, references, {
    namespace: 'apps',
    read: async (kind, name) => {
      asked.push(`${kind}/${name}`);
      return objects[`${kind}/${name}`];
    },
  });
  return { values, asked };
}

const config: ValuesReference = { kind: 'ConfigMap', name: 'c' };
const secret: ValuesReference = { kind: 'Secret', name: 's' };

test('later references win, inline values win over all, and objects are read once (HELM-VAL-01)', async () => {
  const { values, asked } = compose({ a: 2 }, config, secret, { ...config, valuesKey: 'value', targetPath: 'n[0]' });

  expect(await values).toMatchObject({ a: 2, m: { x: 1, z: 2 } });
  expect(asked).toEqual(['ConfigMap/c', 'Secret/s']);
});

test('maps are merged, lists and null replace what was there (HELM-VAL-02)', async () => {
  const { values } = compose({ m: { x: null, l: [2] }, a: null }, config);

  expect(await values).toEqual({ a: null, m: { x: null, z: 1, l: [2] } });
});

test('inline values win over a target path at the top, and where a reference gave the same map (HELM-VAL-03)', async () => {
  const path = { ...config, valuesKey: 'value', literal: true };

  expect(await compose({ k: 'inline' }, { ...path, targetPath: 'k' }).values).toEqual({ k: 'inline' });
  expect(await compose({ m: { x: 'inline' } }, { ...path, targetPath: 'm.x' }).values).toEqual({ m: { x: '5' } });
  expect(await compose({ m: { x: 'inline' } }, config, { ...path, targetPath: 'm.x' }).values).toMatchObject({
    m: { x: 'inline' },
  });
});

test('numbers are floats, and integers only by a target path (HELM-VAL-08)', async () => {
  const { values } = compose({ big: 10n }, config, { ...config, valuesKey: 'value', targetPath: 'n' });

  expect(await values).toEqual({ big: 10, a: 1, m: { x: 1, z: 1 }, n: new GoInt(5, 'int64') });
});

test('a target path has the grammar of --set, unless it is literal (HELM-VAL-05, HELM-VAL-06)', async () => {
  const reference = { ...secret, valuesKey: 'list', targetPath: 'k' };
  const at = (valuesKey: string) => compose({}, { ...config, valuesKey, targetPath: 'k' }).values;

  expect(await at('float')).toEqual({ k: '1.5' });
  expect(await at('quoted')).toEqual({ k: '5' });

  expect(await compose({}, reference).values).toEqual({ k: ['a', 'b'] });
  expect(await compose({}, { ...reference, literal: true }).values).toEqual({ k: '{a,b}' });
});

test('inline values are never changed by a target path', async () => {
  const inline = { m: { x: 1 } };

  expect(await compose(inline, { ...config, valuesKey: 'value', targetPath: 'm.x', literal: true }).values).toEqual({
    m: { x: '5' },
  });
  expect(inline).toEqual({ m: { x: 1 } });
});

test('what is missing is an error unless it is optional (HELM-VAL-04)', async () => {
  const missing = { kind: 'Secret', name: 'none' };

  await expect(compose({}, missing).values).rejects.toThrow(
    `could not resolve Secret chart values reference 'apps/none' with key 'values.yaml': secrets "none" not found`,
  );
  await expect(compose({}, { ...missing, optional: true }, missing).values).rejects.toThrow(': resource not found');
  await expect(compose({}, { ...config, valuesKey: 'k' }).values).rejects.toThrow("with key 'k': key not found");
  await expect(compose({}, { ...config, valuesKey: 'broken' }).values).rejects.toThrow(
    "with key 'broken': error converting YAML to JSON: yaml: ",
  );
  await expect(compose({}, { kind: 'Pod', name: 'p' }).values).rejects.toThrow('unsupported values reference kind');
  expect(await compose({}, { ...missing, optional: true }).values).toEqual({});
});

test.each([
  [{}, 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
  [{ message: 'one' }, 'c3a70400d9465960aa58d6436c38fbd85353c68020ce39a4efaf8ad9467137ff'],
  [{ nodeSelector: { 'golden/none': 'true' } }, '6a1b913f952576687d610cdfb0d7a70dedbe5724cb9dbe371723bb38556a8f5a'],
])('values have the digest that Flux gives them: %j (HELM-VAL-07)', async (values, hex) => {
  expect(await digestValues(values)).toBe(`sha256:${hex}`);
});
