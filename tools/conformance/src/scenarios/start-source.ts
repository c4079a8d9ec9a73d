import { temporaryDirectory } from '@flux/fs';
import type { Controller } from '@flux/runtime';
import {
  ArtifactStorage,
  gitRepositoryController,
  helmChartController,
  helmRepositoryController,
  IndexCache,
  serveFiles,
} from '@flux/source-controller';

interface SourcePart extends AsyncDisposable {
  controllers: Controller[];
  /** Where artifacts are served. */
  url: string;
}

/** The source controllers with a storage and a file server of its own. */
export async function startSource(options: { requeueDependencyMs: number }): Promise<SourcePart> {
  await using starting = new AsyncDisposableStack();
  const directory = starting.use(await temporaryDirectory('scenario-artifacts'));
  const files = starting.use(await serveFiles({ root: directory.path, host: '127.0.0.1', port: 0 }));
  const storage = new ArtifactStorage({ root: directory.path, advertisedAddress: `${files.host}:${files.port}` });
  const indexes = new IndexCache();
  const stack = starting.move();
  return {
    controllers: [
      gitRepositoryController({ storage, concurrency: 16, ...options }),
      helmRepositoryController({ storage, indexes, concurrency: 16 }),
      helmChartController({ storage, indexes, concurrency: 16 }),
    ],
    url: files.url,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}
