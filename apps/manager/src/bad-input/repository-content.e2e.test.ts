import { startGitServer, startRealCluster } from '@flux/testkit';
import { describeRepositoryContent } from './repository-content.suite.ts';

describeRepositoryContent('hostile content of a repository, on Kubernetes', async () => {
  const [{ cluster, ...real }, git] = await Promise.all([startRealCluster(), startGitServer()]);
  const close = async () => {
    await git.close();
    await real.close();
  };
  return { cluster, git, close };
});
