import type { RemoteLoader } from '@flux/kustomize';
import type { RemoteBases } from '@flux/kustomize-controller';

/** Remote bases as the controller fetches them; Git and HTTP are loaded when a build first names a URL. */
export function lazyRemoteBases(): RemoteLoader & AsyncDisposable {
  let opened: Promise<RemoteBases> | undefined;
  const open = () => {
    opened ??= import('@flux/kustomize-controller').then(({ remoteBases }) => remoteBases());
    return opened;
  };
  return {
    fetchFile: async (url) => (await open()).fetchFile(url),
    cloneRepository: async (repository) => (await open()).cloneRepository(repository),
    async [Symbol.asyncDispose]() {
      const remote = await opened;
      await remote?.[Symbol.asyncDispose]();
    },
  };
}
