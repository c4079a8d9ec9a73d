import { existsSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { FluxError } from '@flux/errors';
import { serveChartFolder } from './chart-repository.ts';
import type { DataDirectory } from './data-directory.ts';
import type { UpOptions } from './options.ts';
import { mirrorFolder, seedRepository } from './repositories.ts';
import type { SyncSource } from './sync-objects.ts';

/** What `flux up` runs: the source to sync, and where repositories are fetched from. */
export interface Fleet extends AsyncDisposable {
  source: SyncSource;
  rewriteUrls: readonly string[];
}

/** Where repositories are kept and served. */
interface FleetPlace {
  data: DataDirectory;
  gitUrl: string;
  chartPort: number;
}

/** The folder or URL to run cannot be used. */
class FleetError extends FluxError {
  override readonly code = 'FLEET';
}

const examples = resolve(import.meta.dirname, '..', '..', '..', '..', 'examples');

/** Prepares the repository that the options name; without any, the example fleet and its application. */
export async function prepareFleet(
  options: UpOptions,
  place: FleetPlace,
  onCommit: (url: string) => void,
): Promise<Fleet> {
  const { repositories } = place.data;
  const { gitUrl } = place;
  const path = options.path ?? './';
  const rewriteUrls = options.rewriteUrls ?? [];
  if (options.git !== undefined) {
    const source = { url: options.git, branch: options.branch ?? 'main', path };
    return { source, rewriteUrls, [Symbol.asyncDispose]: async () => {} };
  }
  if (options.folder !== undefined)
    return folderFleet(options.folder, path, rewriteUrls, repositories, gitUrl, onCommit);
  return exampleFleet(rewriteUrls, place);
}

async function folderFleet(
  folder: string,
  path: string,
  rewriteUrls: readonly string[],
  repositories: string,
  gitUrl: string,
  onCommit: (url: string) => void,
): Promise<Fleet> {
  const absolute = resolve(folder);
  if (!existsSync(absolute) || !statSync(absolute).isDirectory()) {
    throw new FleetError(`--path ${folder} is not a directory`);
  }
  const url = `${gitUrl}/workspace.git`;
  const mirror = await mirrorFolder(repositories, 'workspace', absolute, 'main', () => onCommit(url));
  return {
    source: { url, branch: 'main', path },
    rewriteUrls,
    [Symbol.asyncDispose]: async () => mirror[Symbol.dispose](),
  };
}

/** The founding document's manifests name public addresses; the local servers take their place. */
async function exampleFleet(rewriteUrls: readonly string[], { data, gitUrl, chartPort }: FleetPlace): Promise<Fleet> {
  await seedRepository(data.repositories, 'fleet', join(examples, 'fleet'), 'main');
  await seedRepository(data.repositories, 'podinfo', join(examples, 'podinfo'), 'master');
  const charts = await serveChartFolder(join(examples, 'charts'), data.charts, { host: '127.0.0.1', port: chartPort });
  return {
    source: { url: `${gitUrl}/fleet.git`, branch: 'main', path: './' },
    rewriteUrls: [
      `https://github.com/stefanprodan/podinfo=${gitUrl}/podinfo.git`,
      `https://stefanprodan.github.io/podinfo=${charts.url}`,
      ...rewriteUrls,
    ],
    [Symbol.asyncDispose]: () => charts.close(),
  };
}
