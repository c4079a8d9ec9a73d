import { indexUrl, loadRepositoryIndex, type RepositoryIndex } from '@flux/helm';
import { limitIndex, openClient, request } from './download.ts';
import type { HelmAccess } from './helm-access.ts';

/** The index of a repository that no object keeps. */
export async function downloadIndex(
  access: HelmAccess,
  { maxBytes, signal }: { maxBytes: number; signal: AbortSignal },
): Promise<RepositoryIndex> {
  await using client = openClient(access);
  const response = await request(client, access, indexUrl(access.url), { signal });
  const bytes = Buffer.concat(await Array.fromAsync(limitIndex(response.body, maxBytes)));
  return await loadRepositoryIndex(bytes, { maxBytes });
}
