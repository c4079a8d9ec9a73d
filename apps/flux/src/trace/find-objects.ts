import type { KubeObject, ObjectRef } from '@flux/apimachinery';
import { formatApiVersion } from '@flux/apimachinery';
import type { Cluster, ResourceMapping } from '@flux/client';
import { causeChain } from '@flux/errors';
import { UsageError } from '../command/errors.ts';

/** An object to trace and the kind as messages show it. */
export interface TracedObject {
  object: KubeObject;
  kind: string;
}

export interface TypedKind {
  kind: string;
  apiVersion: string;
}

/** The objects that the words name: `<resource> <name>…`, `<resource>/<name>…`, or names with `--kind` and `--api-version`. */
export async function findObjects(
  cluster: Cluster,
  namespace: string,
  words: readonly string[],
  typed: TypedKind,
): Promise<TracedObject[]> {
  if (typed.kind === '' && typed.apiVersion === '') return findByResource(cluster, namespace, words);
  if (words.length === 0) throw missingArgument();
  if (typed.kind === '') throw new UsageError('object kind is required (--kind)');
  if (typed.apiVersion === '') throw new UsageError('object apiVersion is required (--api-version)');
  const mapping = await findMapping(cluster, typed.kind, typed.apiVersion);
  const found: TracedObject[] = [];
  for (const name of words) {
    try {
      found.push({ object: await cluster.get(refOfMapping(mapping, namespace, name)), kind: typed.kind });
    } catch (error) {
      throw new UsageError(`failed to find object: ${causeChain(error).join(': ')}`, { cause: error });
    }
  }
  return found;
}

async function findByResource(cluster: Cluster, namespace: string, words: readonly string[]): Promise<TracedObject[]> {
  const pairs = pairsOf(words);
  const found: TracedObject[] = [];
  for (const [resource, name] of pairs) {
    const mapping = await findMapping(cluster, resource, undefined);
    const object = await cluster.get(refOfMapping(mapping, namespace, name));
    found.push({ object, kind: mapping.kind });
  }
  return found;
}

function pairsOf(words: readonly string[]): [string, string][] {
  const [first, ...names] = words;
  if (first === undefined) throw missingArgument();
  if (first.includes('/')) {
    return words.map((word) => {
      const [resource = '', name = '', ...more] = word.split('/');
      if (!resource || !name || more.length > 0) throw missingArgument();
      return [resource, name];
    });
  }
  if (names.length === 0) throw missingArgument();
  return names.map((name) => [first, name]);
}

function missingArgument(): UsageError {
  return new UsageError('either `<resource>/<name>` or `<resource> <name>` is required as an argument');
}

async function findMapping(cluster: Cluster, word: string, apiVersion: string | undefined): Promise<ResourceMapping> {
  const [name = '', ...groupParts] = word.toLowerCase().split('.');
  const group = groupParts.join('.');
  const found = (await cluster.mappings()).find(
    (mapping) =>
      [mapping.resource, mapping.singular, mapping.kind.toLowerCase(), ...mapping.shortNames].includes(name) &&
      (group === '' || mapping.group === group) &&
      (apiVersion === undefined || formatApiVersion(mapping.group, mapping.version) === apiVersion),
  );
  if (found) return found;
  throw new UsageError(
    apiVersion === undefined
      ? `the server doesn't have a resource type "${word}"`
      : `failed to find object: no matches for kind "${word}" in version "${apiVersion}"`,
  );
}

function refOfMapping(
  { group, version, kind, namespaced }: ResourceMapping,
  namespace: string,
  name: string,
): ObjectRef {
  return { apiVersion: formatApiVersion(group, version), kind, name, ...(namespaced ? { namespace } : {}) };
}
