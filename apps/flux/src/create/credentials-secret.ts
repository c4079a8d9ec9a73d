import type { KubeObject } from '@flux/apimachinery';
import type { Context } from '../context.ts';

/** Stores credentials in a Secret and says so; the Secret's other fields stay. */
export async function applyCredentials(
  context: Context,
  metadata: { name: string; namespace: string },
  stringData: Record<string, string>,
): Promise<void> {
  context.out.action('applying secret with repository credentials');
  const cluster = await context.cluster();
  const secret: KubeObject = { apiVersion: 'v1', kind: 'Secret', metadata, stringData };
  const existing = await cluster.find({ apiVersion: 'v1', kind: 'Secret', ...metadata });
  if (existing) await cluster.update({ ...existing, stringData });
  else await cluster.create(secret);
  context.out.success('authentication configured');
}
