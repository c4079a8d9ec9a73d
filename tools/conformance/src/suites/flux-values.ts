import { isDeepStrictEqual } from 'node:util';
import { composeValues, digestValues, readValues, type ValuesReference } from '@flux/helm';
import { readCaseLines } from '../case-lines.ts';
import type { Outcome } from '../outcome.ts';

type Objects = Record<string, Record<string, string>>;

interface ValuesCase {
  id: string;
  values: string;
  valuesFrom: ValuesReference[];
  configMaps?: Objects;
  secrets?: Objects;
  output?: unknown;
  digest?: string;
  error?: string;
}

/** Composes the values of every recorded HelmRelease and compares them, their digest or the error. */
export async function run(folder: string): Promise<Outcome[]> {
  const cases = await readCaseLines<ValuesCase>(folder);
  return Promise.all(
    cases.map(async (item) => {
      const failure = await replay(item);
      return failure === undefined ? { id: item.id } : { id: item.id, failure };
    }),
  );
}

async function replay(item: ValuesCase): Promise<string | undefined> {
  const objects = { ConfigMap: item.configMaps ?? {}, Secret: item.secrets ?? {} };
  try {
    const values = await composeValues(readValues(item.values), item.valuesFrom, {
      namespace: 'ns1',
      read: async (kind, name) => objects[kind][name],
    });
    if (item.error !== undefined) return differs(item.error, values);
    // The digest is over exact text, in which integers of a target path are integers.
    return differs(item.digest, await digestValues(values)) ?? differs(item.output, toJson(values));
  } catch (error) {
    return differs(item.error ?? item.output, (error as Error).message);
  }
}

function toJson(values: unknown): unknown {
  return JSON.parse(JSON.stringify(values, (_key, value) => (isInteger(value) ? Number(value.value) : value)));
}

function isInteger(value: unknown): value is { value: bigint } {
  return typeof value === 'object' && value !== null && 'value' in value && typeof value.value === 'bigint';
}

function differs(expected: unknown, actual: unknown): string | undefined {
  if (isDeepStrictEqual(expected, actual)) return undefined;
  return `expected ${JSON.stringify(expected)}, got ${JSON.stringify(actual)}`;
}
