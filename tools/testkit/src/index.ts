/**
 * Servers and clusters for tests: real protocols on free ports of the loopback, no fakes. Start with what you need; each is
 * disposed with `await using` or `close()`.
 */
export { startGitServer, type TestGitServer, type TestGitServerOptions } from './git/http-server.ts';
export { type CommitOptions, TestRepositories } from './git/repositories.ts';
export { startSshGitServer, type TestSshGitServer } from './git/ssh-server.ts';
