import type { KubeObject } from '@flux/apimachinery';
import { causeChain, FluxError } from '@flux/errors';
import { waitForDefinitions } from '@flux/ssa';
import type { Context } from '../context.ts';
import type { InstallOptions } from './options.ts';

const fieldManager = 'flux';

/** The cluster refused a part of the installation. */
class InstallError extends FluxError {
  override readonly code = 'INSTALL';
}

/** Applies definitions and the namespace first, waits for them, then the rest; prints the changes when all is applied. */
export async function applyInstallation(context: Context, objects: readonly KubeObject[]): Promise<void> {
  const isDefinition = ({ kind }: KubeObject) => kind === 'CustomResourceDefinition';
  const isFirst = (object: KubeObject) => isDefinition(object) || object.kind === 'Namespace';
  const { globals, signal } = context;
  const lines: string[] = [];
  try {
    for (const object of objects.filter(isFirst)) lines.push(await applyObject(context, object));
    const definitions = objects.filter(isDefinition);
    await waitForDefinitions(await context.cluster(), definitions, { timeoutMs: globals.timeout, signal });
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
