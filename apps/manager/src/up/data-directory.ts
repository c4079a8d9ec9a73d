import { mkdirSync } from 'node:fs';
import { access, constants } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { FluxError } from '@flux/errors';

/** Where `flux up` keeps everything: the API server's state, artifacts, repositories, kubeconfig and log. */
export interface DataDirectory {
  root: string;
  /** State of the embedded API server. */
  cluster: string;
  artifacts: string;
  /** Bare repositories that the Git server serves. */
  repositories: string;
  /** Packaged charts of the examples. */
  charts: string;
  kubeconfig: string;
  log: string;
  /** Process id and addresses of the running `flux up`. */
  runtime: string;
}

/** The data directory cannot be used; the message names it and the reason. */
export class DataDirectoryError extends FluxError {
  override readonly code = 'DATA_DIRECTORY';
}

/** The directory's layout, from `--data-dir`, `$FLUX_DATA_DIR` or `.flux` in the working directory. */
export function locateDataDirectory(path?: string): DataDirectory {
  const root = resolve(path ?? process.env['FLUX_DATA_DIR'] ?? '.flux');
  return {
    root,
    cluster: join(root, 'cluster'),
    artifacts: join(root, 'artifacts'),
    repositories: join(root, 'repositories'),
    charts: join(root, 'charts'),
    kubeconfig: join(root, 'kubeconfig'),
    log: join(root, 'flux.log'),
    runtime: join(root, 'runtime.json'),
  };
}

/** Creates what is missing; throws `DataDirectoryError` when the directory cannot be written. */
export async function prepareDataDirectory(data: DataDirectory): Promise<void> {
  try {
    for (const path of [data.root, data.cluster, data.artifacts, data.repositories]) {
      mkdirSync(path, { recursive: true, mode: 0o700 });
      await access(path, constants.W_OK);
    }
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? String(error);
    throw new DataDirectoryError(
      `data directory ${data.root} is not writable (${reason}); choose another with --data-dir`,
      {
        cause: error,
      },
    );
  }
}
