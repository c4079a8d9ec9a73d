import { Readable, Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { FluxError } from '@flux/errors';
import { type ChartMetadata, readMetadata, validateMetadata } from '@flux/helm';
import type { ChartSizeLimits } from './deps.ts';

/** A packaged chart that is none, or is too large. */
class ArchiveMetadataError extends FluxError {
  override readonly code = 'CHART_ARCHIVE';
}

const chartFile = /^[^/\\]+[/\\]Chart\.yaml$/;
const chunkBytes = 256 * 1024;

/**
 * Checks the Chart.yaml of a packaged chart. The archive is read as a stream up to there, so that a large chart is never
 * unpacked for it.
 */
export async function checkArchive(
  archive: Uint8Array,
  { maxChartBytes, maxFileBytes }: ChartSizeLimits,
): Promise<void> {
  if (archive.length > maxChartBytes) {
    throw new ArchiveMetadataError(`size of chart exceeds '${maxChartBytes}' bytes limit`);
  }
  validateMetadata(await readArchiveMetadata(archive, maxFileBytes));
}

/** The Chart.yaml of a packaged chart. */
export async function readArchiveMetadata(archive: Uint8Array, maxFileBytes: number): Promise<ChartMetadata> {
  return readMetadata(await readChartFile(archive, maxFileBytes));
}

async function readChartFile(archive: Uint8Array, maxBytes: number): Promise<string> {
  const { createTarDecoder } = await import('modern-tar');
  const { createGunzip } = await import('node:zlib');
  const decoder = createTarDecoder({ strict: true });
  const stop = new AbortController();
  const feeding = pipeline(Readable.from(slices(archive)), createGunzip(), Writable.fromWeb(decoder.writable), {
    signal: stop.signal,
  }).catch((error: unknown) => error);
  try {
    for await (const { header, body } of decoder.readable) {
      if (!chartFile.test(header.name)) {
        await body.cancel();
        continue;
      }
      if (header.size > maxBytes) {
        throw new ArchiveMetadataError(`size of '${header.name}' exceeds '${maxBytes}' bytes limit`);
      }
      return await text(body);
    }
  } catch (error) {
    stop.abort();
    const fed = await feeding;
    if (error instanceof ArchiveMetadataError) throw error;
    throw isGzipError(fed) || isGzipError(error) ? new ArchiveMetadataError('gzip: invalid header') : error;
  } finally {
    stop.abort();
  }
  throw new ArchiveMetadataError("no 'Chart.yaml' found");
}

function* slices(bytes: Uint8Array): Generator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += chunkBytes) yield bytes.subarray(start, start + chunkBytes);
}

function isGzipError(error: unknown): boolean {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('Z_');
}
