import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { crdOf, kinds } from '@flux/api';
import { isAlreadyExists, type KubeObject, refOf } from '@flux/apimachinery';
import { startApiServer } from '@flux/apiserver';
import { type Cluster, connectCluster } from '@flux/client';
import { applyDefinitions } from '@flux/ssa';
import { parseYamlDocuments } from '@flux/yaml';
import { type ClusterObject, render } from './recorded-case.ts';

/** The API server of the recordings: definitions, and no controllers. */
interface BareCluster {
  cluster: Cluster;
  close(): Promise<void>;
}

/** Definitions of kinds that this project does not have yet are those of the release, when they lie beside the cases. */
export async function startBareCluster(definitionsFolder: string): Promise<BareCluster> {
  const server = await startApiServer({ workloads: false });
  const cluster = await connectCluster({ kubeconfigText: server.adminKubeconfig() });
  const own = new Set(kinds.map(({ crdName }) => crdName));
  const published = (await publishedDefinitions(definitionsFolder)).filter(({ metadata }) => !own.has(metadata.name));
  const definitions: KubeObject[] = [...kinds.map(crdOf), ...published];
  await applyDefinitions(cluster, definitions, { fieldManager: 'flux', timeoutMs: 30_000 });
  await ensureNamespace(cluster, 'flux-system');
  const close = async () => {
    await cluster.close();
    await server.close();
  };
  return { cluster, close };
}

async function publishedDefinitions(folder: string): Promise<KubeObject[]> {
  if (!existsSync(folder)) return [];
  const names = (await readdir(folder)).filter((name) => name.includes('toolkit.fluxcd.io_') && !name.includes('@'));
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')));
  return texts.flatMap((text) => parseYamlDocuments(text) as KubeObject[]).filter((object) => object?.kind);
}

/** Creates or applies the objects of a case; returns those that are removed after it. */
export async function setUp(
  cluster: Cluster,
  folder: string,
  objects: readonly ClusterObject[],
): Promise<KubeObject[]> {
  const removable: KubeObject[] = [];
  for (const { op, file, values } of objects) {
    const text = render(await readFile(join(folder, file), 'utf8'), values);
    const documents = (parseYamlDocuments(text) as KubeObject[]).filter((object) => object?.kind);
    for (const object of documents) {
      if (op === 'create') await createWithStatus(cluster, object);
      else removable.push(await cluster.apply(object, { fieldManager: 'kustomize-controller', force: true }));
    }
  }
  return removable;
}

async function createWithStatus(cluster: Cluster, object: KubeObject): Promise<void> {
  try {
    const created = await cluster.create(object);
    if (object['status']) await cluster.update({ ...created, status: object['status'] }, { subresource: 'status' });
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
  }
}

export async function tearDown(cluster: Cluster, objects: readonly KubeObject[]): Promise<void> {
  for (const object of objects) await cluster.delete(refOf(object)).catch(() => undefined);
}

export async function ensureNamespace(cluster: Cluster, name: string): Promise<void> {
  await createWithStatus(cluster, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
}
