import { createDigest, type DigestAlgorithm } from '@flux/crypto';
import { formatYaml } from '@flux/yaml';
import type { Values } from '../chart/chart.ts';
import { readDocument } from './read-values.ts';
import { parseSet, parseSetString } from './set-parser.ts';
import { copyTable, isTable, mapTable, mergeTables, toPlain } from './table.ts';
import { ValuesError } from './values-error.ts';

/** An entry of `valuesFrom` (HELM-API). */
export interface ValuesReference {
  kind: string;
  name: string;
  valuesKey?: string;
  targetPath?: string;
  optional?: boolean;
  literal?: boolean;
}

/** The decoded data of a ConfigMap or Secret; nothing when there is no such object. */
export type ReadReference = (
  kind: 'ConfigMap' | 'Secret',
  name: string,
) => Promise<Readonly<Record<string, string>> | undefined>;

export interface ComposeOptions {
  /** Where the references are, for messages. */
  namespace: string;
  /** Asked once for an object, however often it is referred to. */
  read: ReadReference;
}

/**
 * Flux's values of a release: references in their order, then the inline values (HELM-VAL-01). A `targetPath` is set after
 * the inline values have been merged once; what the last merge then puts back is upstream's behaviour (HELM-VAL-03).
 */
export async function composeValues(
  inline: Values,
  references: readonly ValuesReference[],
  options: ComposeOptions,
): Promise<Values> {
  // Merging shares tables with the inline values, on which upstream's precedence rests; so a copy it is.
  const own = toFloats(copyTable(inline)) as Values;
  const objects = new Map<string, Data>();
  let result: Values = {};
  for (const reference of references) {
    const fail = (reason: string) => referenceError(reference, { namespace: options.namespace, reason });
    const text = await resolve(reference, { objects, options, fail });
    if (text === undefined) continue;
    try {
      if (reference.targetPath) {
        result = mergeTables(result, own);
        setPath(result, reference, text);
      } else result = mergeTables(result, readDocument(text, 'common.Values'));
    } catch (error) {
      throw error instanceof ValuesError ? fail(error.message) : error;
    }
  }
  return mergeTables(result, own);
}

type Data = Readonly<Record<string, string>> | undefined;

interface Resolving {
  objects: Map<string, Data>;
  options: ComposeOptions;
  fail: (reason: string) => ValuesError;
}

/** The text that a reference stands for, or nothing when it is optional and not there (HELM-VAL-04). */
async function resolve(reference: ValuesReference, resolving: Resolving): Promise<string | undefined> {
  const { kind, name, valuesKey, optional } = reference;
  const { objects, options, fail } = resolving;
  if (kind !== 'ConfigMap' && kind !== 'Secret') throw fail('unsupported values reference kind');
  const index = `${kind}/${name}`;
  const isFirst = !objects.has(index);
  if (isFirst) objects.set(index, await options.read(kind, name));
  const data = objects.get(index);
  if (data !== undefined) {
    const key = valuesKey || 'values.yaml';
    if (Object.hasOwn(data, key)) return data[key];
    if (optional) return undefined;
    throw fail('key not found');
  }
  if (optional) return undefined;
  const resource = kind === 'Secret' ? 'secrets' : 'configmaps';
  throw fail(isFirst ? `${resource} "${name}" not found` : 'resource not found');
}

function referenceError(
  { kind, name, valuesKey, optional }: ValuesReference,
  { namespace, reason }: { namespace: string; reason: string },
): ValuesError {
  const what = `${optional ? 'optional ' : ''}${kind} chart values reference '${namespace}/${name}'`;
  return new ValuesError(`could not resolve ${what} with key '${valuesKey || 'values.yaml'}': ${reason}`);
}

/** HELM-VAL-05 and -06. */
function setPath(values: Values, { targetPath, literal }: ValuesReference, text: string): void {
  if (literal) parseSetString(`${targetPath}=${text.replace(/[\\,[\]{}]/g, '\\$&')}`, values);
  else if (/^(?:'.*'|".*"|['"])$/s.test(text)) {
    parseSetString(`${targetPath}=${text.replace(/^['"]+/, '').replace(/['"]+$/, '')}`, values);
  } else parseSet(`${targetPath}=${text}`, values);
}

/** The digest of composed values that a HelmRelease shows: over YAML with keys in the order of bytes (HELM-VAL-07). */
export async function digestValues(values: Values, algorithm: DigestAlgorithm = 'sha256'): Promise<string> {
  const stream = await createDigest(algorithm);
  if (Object.keys(values).length > 0) stream.update(formatYaml(toPlain(values), { keyOrder: 'bytes' }));
  return stream.digest();
}

/** Values of an object come through JSON, where every number is a float (HELM-VAL-08). */
function toFloats(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value);
  if (Array.isArray(value)) return value.map(toFloats);
  return isTable(value) ? mapTable(value, toFloats) : value;
}
