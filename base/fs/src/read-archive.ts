import { type ArchiveLimits, unsupported, visitEntries } from './archive-entries.ts';
import type { PackedFile } from './pack-directory.ts';

/** Reads the regular files of a tar.gz into memory, in their order; anything else in it is refused. */
export async function readArchive(
  source: Uint8Array | AsyncIterable<Uint8Array>,
  options: ArchiveLimits & { signal?: AbortSignal } = {},
): Promise<PackedFile[]> {
  const files: PackedFile[] = [];
  await visitEntries(
    source,
    async (header, body) => {
      if (header.type !== 'file') throw unsupported(header);
      files.push({ path: header.name, bytes: new Uint8Array(await new Response(body).arrayBuffer()) });
    },
    options,
  );
  return files;
}
