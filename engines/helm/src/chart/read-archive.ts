import { posix } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { quote } from '@flux/gotemplate';
import type { ChartFile } from './chart.ts';
import { type Budget, tooLarge } from './chart-budget.ts';
import { ChartError } from './chart-error.ts';
import { readTar } from './read-tar.ts';

/** The files of an archive, the first part of their names dropped. */
export function readArchive(data: Uint8Array, budget: Budget): ChartFile[] {
  const files: ChartFile[] = [];
  for (const entry of readTar(gunzip(data, budget))) {
    if (entry.isDirectory) continue;
    const name = checkedName(entry.name);
    if (entry.size > budget.left) throw tooLarge(budget);
    if (entry.size > budget.file) {
      throw new ChartError(
        `decompressed chart file ${quote(entry.name)} is larger than the maximum file size ${budget.file}`,
      );
    }
    if (entry.data.length < entry.size) throw new ChartError('unexpected EOF');
    budget.left -= entry.size;
    if (budget.left <= 0) throw tooLarge(budget);
    files.push({ name, data: withoutMark(entry.data), modifiedAt: entry.modifiedAt });
  }
  if (files.length === 0) throw new ChartError('no files in chart archive');
  return files;
}

/** Headers and padding take room beside the files. The size that gzip notes at its end saves putting pieces together; it is only a hint. */
function gunzip(data: Uint8Array, budget: Budget): Uint8Array {
  const maxOutputLength = Math.ceil(budget.left * 1.25) + 1024 * 1024;
  if (data.length < 18 || data[0] !== 0x1f || data[1] !== 0x8b) throw new ChartError('gzip: invalid header');
  const noted = Buffer.from(data.buffer, data.byteOffset, data.length).readUInt32LE(data.length - 4);
  if (noted > maxOutputLength) throw tooLarge(budget);
  try {
    return gunzipSync(data, { maxOutputLength, chunkSize: Math.max(noted + 64, 16_384) });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(budget);
    throw new ChartError(code === 'Z_DATA_ERROR' ? 'gzip: invalid header' : 'unexpected EOF', { cause: error });
  }
}

/** What `normalize` would change: empty parts, `.` and `..`. */
const oddPart = /(?:^|\/)\.{0,2}(?:\/|$)/;

function checkedName(full: string): string {
  // Archives made on Windows may have backslashes.
  const delimiter = full.includes('\\') ? '\\' : '/';
  const [first = '', ...parts] = full.split(delimiter);
  const joined = parts.join('/');
  if (joined.startsWith('/')) throw new ChartError('chart illegally contains absolute paths');
  const name = oddPart.test(joined) ? posix.normalize(joined) : joined;
  if (name === '.' || name === './') {
    throw new ChartError(`chart illegally contains content outside the base directory: ${quote(full)}`);
  }
  if (name.startsWith('..')) throw new ChartError('chart illegally references parent directory');
  if (/^[a-zA-Z]:\//.test(name)) throw new ChartError('chart contains illegally named files');
  if (first === 'Chart.yaml') throw new ChartError('chart yaml not in base directory');
  return name;
}

/** Files without the byte order mark of UTF-8. */
export function withoutMark(data: Uint8Array): Uint8Array {
  return data[0] === 0xef && data[1] === 0xbb && data[2] === 0xbf ? data.subarray(3) : data;
}
