import type { RepositoryIndex } from './repository-index.ts';

const chunkBytes = 256 * 1024;
/** Entries lie in the index at this depth. */
const entryIndent = '      ';

/**
 * The index as Flux stores it: indented JSON with sorted charts, piece by piece (SRC-HREPO-11). An entry is copied from the index
 * as it was written there.
 */
export function* indexToJson(index: RepositoryIndex): Generator<Uint8Array> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for (const part of writeParts(index)) {
    const bytes = typeof part === 'string' ? Buffer.from(part) : part;
    parts.push(bytes);
    size += bytes.length;
    if (size < chunkBytes) continue;
    yield Buffer.concat(parts.splice(0));
    size = 0;
  }
  if (size > 0) yield Buffer.concat(parts);
}

function* writeParts(index: RepositoryIndex): Generator<Uint8Array | string> {
  const { serverInfo, apiVersion, generated, publicKeys, annotations } = index.head;
  const before = { ...(serverInfo ? { serverInfo } : {}), apiVersion, generated };
  yield `{${writeFields(before)},\n  "entries": {`;
  let isFirst = true;
  for (const name of index.names()) {
    yield `${isFirst ? '' : ','}\n    ${escapeJson(JSON.stringify(name))}: `;
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
  return escapeJson(JSON.stringify(fields, undefined, 2).slice(1, -2));
}

function escapeJson(text: string): string {
  return text.replace(/[<>&\u2028\u2029]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}
