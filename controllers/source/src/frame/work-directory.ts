import { messageOf } from '@flux/errors';
import { type TemporaryDirectory, temporaryDirectory } from '@flux/fs';
import { storageFailed } from './failures.ts';
import type { SourceRun } from './source-run.ts';

/** Where a pass unpacks what it fetched, named after its object. */
export async function makeWorkDirectory({ object }: SourceRun): Promise<TemporaryDirectory> {
  const { name, namespace } = object.metadata;
  try {
    return await temporaryDirectory(`${object.kind.toLowerCase()}-${namespace}-${name}`);
  } catch (error) {
    const text = `failed to create temporary working directory: ${messageOf(error)}`;
    throw storageFailed('DirectoryCreationFailed', text, error);
  }
}
