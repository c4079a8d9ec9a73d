import type { ListOptions } from '@flux/client';
import type { Context } from '../context.ts';
import type { GetFlags } from './flags.ts';
import type { RowOptions } from './rows.ts';

export type GetOptions = GetFlags & RowOptions & { name: string | undefined };

export function selectorOf({ namespace }: Context, options: GetFlags & { name?: string | undefined }): ListOptions {
  return {
    ...(options['all-namespaces'] ? {} : { namespace }),
    ...(options['label-selector'] ? { labelSelector: options['label-selector'] } : {}),
    ...(options.name ? { fieldSelector: `metadata.name=${options.name}` } : {}),
  };
}
