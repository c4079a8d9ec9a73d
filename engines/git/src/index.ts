/**
 * Git for controllers: listing and checking out remotes over HTTP and ssh with go-git's semantics and messages, a server for
 * bare repositories, and commits without a working tree. Start with `checkout.ts`.
 */
export { type Checkout, type CheckoutOptions, checkout } from './checkout.ts';
export { type CommitRequest, commitFiles, createBareRepository, type Identity } from './commit-files.ts';
export { commitFolder, createBareRepositoryOn, type FolderCommit } from './commit-folder.ts';
export type { GitCredentials, GitProxy, RemoteOptions } from './credentials.ts';
export { GitError, type GitFailure } from './git-error.ts';
export { listRemote } from './list-remote.ts';
export { type GitCommit, type GitSignature, type GitTag, shortMessage } from './objects.ts';
export type { PushCommand } from './push-commands.ts';
export type { RemoteRefs } from './remote-refs.ts';
export { commitOfRevision, normalizeRevision } from './revision.ts';
export type { GitReferenceSpec } from './select-target.ts';
export { type GitServer, type PushNotification, type ServeGitOptions, serveGit } from './server.ts';
