import { escapeHtmlJson } from '@flux/gotypes';
import type { RepositoryIndex } from './repository-index.ts';

const chunkBytes = 256 * 1024;
/** Entries lie in the index at this depth. */
const entryIndent = '      ';

/**
 * The index as Flux stores it: indented JSON with sorted charts, piece by piece (SRC-HREPO-11). An entry is copied from the index
 * as it was written there.
 */
export function* indexToJson(index: RepositoryIndex): Generator<Uint8Array> {
  let chunk = Buffer.allocUnsafeSlow(chunkBytes);
  let used = 0;
  for (const part of writeParts(index)) {
    const size = typeof part === 'string' ? Buffer.byteLength(part) : part.length;
    if (used + size > chunk.length) {
      yield chunk.subarray(0, used);
      chunk = Buffer.allocUnsafeSlow(Math.max(chunkBytes, size));
      used = 0;
    }
    if (typeof part === 'string') chunk.write(part, used);
    else chunk.set(part, used);
    used += size;
  }
  yield chunk.subarray(0, used);
}

function* writeParts(index: RepositoryIndex): Generator<Uint8Array | string> {
  const { serverInfo, apiVersion, generated, publicKeys, annotations } = index.head;
  const before = { ...(serverInfo ? { serverInfo } : {}), apiVersion, generated };
  yield `{${writeFields(before)},\n  "entries": {`;
  let isFirst = true;
  for (const name of index.names()) {
    yield `${isFirst ? '' : ','}\n    ${escapeHtmlJson(JSON.stringify(name))}: `;
    isFirst = false;
    yield* writeVersions(index, name);
  }
  yield isFirst ? '}' : '\n  }';
  const after = { ...(publicKeys ? { publicKeys } : {}), ...(annotations ? { annotations } : {}) };
  if (Object.keys(after).length > 0) yield `,${writeFields(after)}`;
  yield '\n}';
}

function* writeVersions(index: RepositoryIndex, name: string): Generator<Uint8Array | string> {
  const versions = index.versions(name) ?? [];
  if (versions.length === 0) {
    yield index.hasNullVersions(name) ? 'null' : '[]';
    return;
  }
  for (const [position, version] of versions.entries()) {
    yield `${position === 0 ? '[' : ','}\n${entryIndent}`;
    yield index.entryText(version);
  }
  yield '\n    ]';
}

/** Members of the top level, each on its own lines, without the brackets around them. */
function writeFields(fields: object): string {
  return escapeHtmlJson(JSON.stringify(fields, undefined, 2).slice(1, -2));
}
