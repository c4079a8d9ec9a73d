import type { KubeObject } from '@flux/apimachinery';
import { causeChain, FluxError } from '@flux/errors';
import type { Context } from '../context.ts';
import { waitFor } from '../wait-for.ts';
import type { InstallOptions } from './options.ts';

const fieldManager = 'flux';

/** The cluster refused a part of the installation. */
class InstallError extends FluxError {
  override readonly code = 'INSTALL';
}

/** Applies definitions and the namespace first, waits for them, then the rest; prints the changes when all is applied. */
export async function applyInstallation(context: Context, objects: readonly KubeObject[]): Promise<void> {
  const isFirst = ({ kind }: KubeObject) => kind === 'CustomResourceDefinition' || kind === 'Namespace';
  const lines: string[] = [];
  try {
    for (const object of objects.filter(isFirst)) lines.push(await applyObject(context, object));
    for (const object of objects.filter(isFirst)) await awaitEstablished(context, object);
    (await context.cluster()).invalidate();
    for (const object of objects.filter((each) => !isFirst(each))) lines.push(await applyObject(context, object));
  } catch (error) {
    throw new InstallError(`install failed: ${causeChain(error).join(': ')}`, { cause: error });
  }
  context.out.data(lines.map((line) => `${line}\n`).join(''));
}

async function applyObject(context: Context, object: KubeObject): Promise<string> {
  const cluster = await context.cluster();
  const { name, namespace } = object.metadata;
  const ref = { apiVersion: object.apiVersion, kind: object.kind, name, ...(namespace ? { namespace } : {}) };
  const before = await cluster.find(ref);
  const after = await cluster.apply(object, { fieldManager, force: true });
  const subject = `${object.kind}/${namespace ? `${namespace}/` : ''}${name}`;
  if (!before) return `${subject} created`;
  return `${subject} ${before.metadata.resourceVersion === after.metadata.resourceVersion ? 'unchanged' : 'configured'}`;
}

async function awaitEstablished(
  { cluster, globals, signal }: Context,
  { apiVersion, kind, metadata }: KubeObject,
): Promise<void> {
  if (kind !== 'CustomResourceDefinition') return;
  const isEstablished = (object: KubeObject | undefined) => {
    const conditions: { type: string; status: string }[] = object?.['status']?.conditions ?? [];
    return conditions.some(({ type, status }) => type === 'Established' && status === 'True') || undefined;
  };
  await waitFor(await cluster(), { apiVersion, kind, name: metadata.name }, isEstablished, {
    timeoutMs: globals.timeout,
    signal,
  });
}

/** The Secret with which the cluster pulls images from a private registry. */
export async function applyPullSecret(
  context: Context,
  { imagePullSecret, namespace }: InstallOptions,
  { username, password, registry }: { username: string; password: string; registry: string },
): Promise<void> {
  context.out.action(`generating image pull secret ${imagePullSecret}`);
  const host = registry.split('/')[0] ?? registry;
  const auth = Buffer.from(`${username}:${password}`).toString('base64');
  const secret: KubeObject = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: imagePullSecret, namespace },
    type: 'kubernetes.io/dockerconfigjson',
    stringData: { '.dockerconfigjson': JSON.stringify({ auths: { [host]: { username, password, auth } } }) },
  };
  await (await context.cluster()).apply(secret, { fieldManager, force: true });
}
