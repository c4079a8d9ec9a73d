import type { Kind } from '@flux/api';
import type { Context } from './context.ts';
import { listAll } from './objects.ts';

/** Names of the objects of a kind in the chosen namespace that start with what was typed. */
export async function completeNames(context: Context, kind: Kind, typed: string): Promise<string[]> {
  const objects = await listAll(await context.cluster(), kind, { namespace: context.namespace });
  return objects.map(({ metadata }) => metadata.name).filter((name) => name.startsWith(typed));
}
