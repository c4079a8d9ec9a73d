import { mediaTypes } from './media-types.ts';
import { OciError } from './oci-error.ts';
import type { RegistryTransport } from './registry-transport.ts';

interface Upload {
  /** Where uploads of the repository begin. */
  uploads: string;
  digest: string;
  scope: string;
}

/** Sends a blob in one piece, to the place that the registry gives; that has to be on its own host. */
export async function uploadBlob(
  transport: RegistryTransport,
  { uploads, digest, scope }: Upload,
  body: Uint8Array,
  options: { signal?: AbortSignal },
): Promise<void> {
  const started = await transport.send(uploads, { method: 'POST', scope, accept: [202], ...options });
  await started.discard();
  const location = started.headers['location'];
  if (!location || !URL.canParse(location, uploads)) throw new OciError('the registry gave no place to upload to');
  const target = new URL(location, uploads);
  if (target.origin !== new URL(uploads).origin) {
    throw new OciError(`refused to upload to another host than the registry's: "${target.host}"`);
  }
  // Behind what is there, which may be signed and is not to be written anew.
  target.search += `${target.search === '' ? '?' : '&'}digest=${encodeURIComponent(digest)}`;
  const headers = { 'content-type': mediaTypes.octets };
  const done = await transport.send(target.href, {
    method: 'PUT',
    headers,
    body,
    scope,
    accept: [201, 204],
    ...options,
  });
  await done.discard();
}
