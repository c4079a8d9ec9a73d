import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type Kustomization, kustomization } from '@flux/api';
import { isNotFound, type KubeObject, parseApiVersion } from '@flux/apimachinery';
import { causeChain } from '@flux/errors';
import { UsageError } from '../command/errors.ts';
import type { Context } from '../context.ts';
import { kustomizationView } from '../kinds/kustomization.ts';
import { refTo } from '../objects.ts';

interface KustomizationSource {
  name: string;
  /** Path of a manifest file that holds it. */
  file: string;
  /** Nothing is read from the cluster. */
  offline: boolean;
  ignoreNotFound: boolean;
}

/** The Kustomization to build: the file's, with the inventory of the cluster's; or the cluster's alone. */
export async function findKustomization(context: Context, source: KustomizationSource): Promise<Kustomization> {
  try {
    const local = source.file ? await readFromFile(context, source) : undefined;
    if (source.offline && local) return local;
    const live = await readFromCluster(context, source, local !== undefined);
    if (!local) return live ?? fail(source.name);
    const inventory = live?.status?.inventory;
    return { ...local, status: inventory ? { inventory } : {} };
  } catch (error) {
    throw new UsageError(`failed to get kustomization object: ${causeChain(error).join(': ')}`, { cause: error });
  }
}

function fail(name: string): never {
  throw new UsageError(`kustomizations.kustomize.toolkit.fluxcd.io ${JSON.stringify(name)} not found`);
}

async function readFromCluster(
  context: Context,
  { name, ignoreNotFound }: KustomizationSource,
  hasLocal: boolean,
): Promise<Kustomization | undefined> {
  const cluster = await context.cluster();
  try {
    return kustomization.read(await cluster.get(refTo(kustomizationView.kind, context.namespace, name)));
  } catch (error) {
    if (hasLocal && ignoreNotFound && isNotFound(error)) return undefined;
    throw error;
  }
}

async function readFromFile({ cwd, namespace }: Context, { name, file }: KustomizationSource): Promise<Kustomization> {
  const { parseYamlDocuments } = await import('@flux/yaml');
  const documents = parseYamlDocuments(await readFile(resolve(cwd, file), 'utf8')) as KubeObject[];
  const found = documents.find((document) => isWanted(document, name, namespace));
  if (!found) {
    throw new UsageError(
      `failed find kustomization with name '${name}' and namespace '${namespace}' in file '${file}'`,
    );
  }
  // a file without a namespace builds with an empty owner label, as flux does
  return kustomization.read(found);
}

function isWanted(document: KubeObject | null, name: string, namespace: string): boolean {
  if (!document?.metadata || document.kind !== kustomization.kind) return false;
  if (parseApiVersion(String(document.apiVersion)).group !== kustomization.group) return false;
  const { metadata } = document;
  return metadata.name === name && (metadata.namespace === undefined || metadata.namespace === namespace);
}
