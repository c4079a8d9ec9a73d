import { temporaryDirectory } from '@flux/fs';
import type { Controller } from '@flux/runtime';
import { ArtifactStorage, gitRepositoryController, serveFiles } from '@flux/source-controller';

interface SourcePart extends AsyncDisposable {
  controller: Controller;
  /** Where artifacts are served. */
  url: string;
}

/** The source controller with a storage and a file server of its own. */
export async function startSource(options: { requeueDependencyMs: number }): Promise<SourcePart> {
  await using starting = new AsyncDisposableStack();
  const directory = starting.use(await temporaryDirectory('scenario-artifacts'));
  const files = starting.use(await serveFiles({ root: directory.path, host: '127.0.0.1', port: 0 }));
  const storage = new ArtifactStorage({ root: directory.path, advertisedAddress: `${files.host}:${files.port}` });
  const stack = starting.move();
  return {
    controller: gitRepositoryController({ storage, concurrency: 16, ...options }),
    url: files.url,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}
