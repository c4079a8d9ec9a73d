import { readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { FluxError, messageOf } from '@flux/errors';
import { secureJoin } from '@flux/fs';
import { type ChartMetadata, readMetadata, validateMetadata } from '@flux/helm';
import { readArchiveMetadata } from './archive-metadata.ts';
import type { ChartSizeLimits } from './deps.ts';

/** There is no chart at the path. */
class LocateError extends FluxError {
  override readonly code = 'CHART_LOCATE';
}

/** A chart in a source, of which only Chart.yaml was read. */
export interface LocalChart {
  readonly path: string;
  readonly isFolder: boolean;
  readonly metadata: ChartMetadata;
}

/** Finds the chart at a path below the root, a folder or an archive. Texts are those of Go's os package. */
export async function locateChart(root: string, path: string, limits: ChartSizeLimits): Promise<LocalChart> {
  const chartPath = secureJoin(root, path);
  const found = statSync(chartPath, { throwIfNoEntry: false });
  if (!found) throw new LocateError(`stat ${chartPath}: no such file or directory`);
  const metadata = found.isDirectory()
    ? readFolder(chartPath, limits)
    : await readArchive(chartPath, found.size, limits);
  return { path: chartPath, isFolder: found.isDirectory(), metadata: validateMetadata(metadata) };
}

function readFolder(folder: string, { maxFileBytes }: ChartSizeLimits): ChartMetadata {
  const file = join(folder, 'Chart.yaml');
  const found = statSync(file, { throwIfNoEntry: false });
  if (!found) throw new LocateError(`open ${file}: no such file or directory`);
  if (!found.isFile()) throw new LocateError(`read ${file}: is a directory`);
  if (found.size > maxFileBytes) throw new LocateError(`size of 'Chart.yaml' exceeds '${maxFileBytes}' bytes limit`);
  try {
    return readMetadata(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new LocateError(`cannot load 'Chart.yaml': ${messageOf(error)}`, { cause: error });
  }
}

async function readArchive(file: string, size: number, limits: ChartSizeLimits): Promise<ChartMetadata> {
  if (size > limits.maxChartBytes) {
    throw new LocateError(`size of chart '${basename(file)}' exceeds '${limits.maxChartBytes}' bytes limit`);
  }
  return readArchiveMetadata(readFileSync(file), limits.maxFileBytes);
}
