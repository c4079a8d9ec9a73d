import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { kinds } from '@flux/api';
import { type KubeObject, refOf } from '@flux/apimachinery';
import type { Cluster } from '@flux/client';
import { messageOf } from '@flux/errors';
import { startEmbeddedCluster } from '@flux/testkit';
import { parseYaml } from '@flux/yaml';
import type { Outcome } from '../outcome.ts';

/**
 * Applies the founding document's manifests, whatever API version they name, to an API server with our CRDs, and reads
 * them back at their own version and at the newest: nothing of what was written may be lost.
 */
export async function run(folder: string): Promise<Outcome[]> {
  await using embedded = await startEmbeddedCluster({ workloads: false });
  const { cluster } = embedded;
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'flux-system' } };
  await cluster.apply(namespace, { fieldManager: 'conformance' });
  const names = (await readdir(folder)).filter((name) => name.endsWith('.yaml')).sort();
  const outcomes: Outcome[] = [];
  for (const name of names) outcomes.push(await replay(cluster, name, await readFile(join(folder, name), 'utf8')));
  return outcomes;
}

async function replay(cluster: Cluster, id: string, text: string): Promise<Outcome> {
  const object = parseYaml(text, { mode: 'sigs', file: id }) as KubeObject;
  const kind = kinds.find((candidate) => candidate.kind === object.kind);
  if (kind === undefined) return { id, failure: `no ${object.kind} kind yet` };
  try {
    await cluster.apply(object, { fieldManager: 'conformance', fieldValidation: 'Strict' });
    for (const apiVersion of [object.apiVersion, kind.apiVersion]) {
      const stored = await cluster.get({ ...refOf(object), apiVersion });
      if (!contains(stored['spec'], object['spec'])) {
        return { id, failure: `${apiVersion} lost a part of spec: ${JSON.stringify(stored['spec'])}` };
      }
    }
    return { id };
  } catch (error) {
    return { id, failure: messageOf(error) };
  }
}

/** Every field of `part` is in `whole`; defaults may have been added. */
function contains(whole: unknown, part: unknown): boolean {
  if (Array.isArray(part)) {
    return (
      Array.isArray(whole) && whole.length === part.length && part.every((item, index) => contains(whole[index], item))
    );
  }
  if (part !== null && typeof part === 'object') {
    if (whole === null || typeof whole !== 'object') return false;
    return Object.entries(part).every(([key, value]) => contains((whole as Record<string, unknown>)[key], value));
  }
  return isDeepStrictEqual(whole, part);
}
