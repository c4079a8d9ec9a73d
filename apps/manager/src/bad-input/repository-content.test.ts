import { startEmbeddedCluster, startGitServer } from '@flux/testkit';
import { describeRepositoryContent } from './repository-content.suite.ts';

describeRepositoryContent('hostile content of a repository', async () => {
  const [{ cluster, ...embedded }, git] = await Promise.all([startEmbeddedCluster(), startGitServer()]);
  const close = async () => {
    await git.close();
    await embedded.close();
  };
  return { cluster, git, close };
});
