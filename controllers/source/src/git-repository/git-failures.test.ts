import { startEmbeddedCluster, startGitServer } from '@flux/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { conditionTexts } from '../frame/source-cluster.suite.ts';
import { type GitWorld, startGitWorld } from './git-world.suite.ts';

let world: GitWorld;

beforeAll(async () => {
  world = await startGitWorld({ startCluster: () => startEmbeddedCluster({ workloads: false }), startGitServer });
});
afterAll(() => world?.[Symbol.asyncDispose]());
beforeEach(() => world.begin());

describe('failures', () => {
  const cases: [string, Record<string, unknown>, string, string][] = [
    [
      'wrong',
      { secretRef: { name: 'bad' } },
      'GitOperationFailed',
      "failed to checkout and determine revision: unable to clone 'URL': authentication required: Unauthorized\n",
    ],
    [
      'missing',
      { secretRef: { name: 'gone' } },
      'AuthenticationFailed',
      `failed to get secret 'NS/gone': failed to get secret 'NS/gone': secrets "gone" not found`,
    ],
    [
      'half',
      { secretRef: { name: 'nouser' } },
      'AuthenticationFailed',
      "failed to configure authentication options: invalid 'http' auth option: 'password' requires 'username' to be set",
    ],
    [
      'ssh',
      { url: 'ssh://git@127.0.0.1:1/app' },
      'AuthenticationFailed',
      "failed to configure authentication options: invalid 'ssh' auth option: 'identity' is required",
    ],
    [
      'badsemver',
      { ref: { semver: 'abc' } },
      'GitOperationFailed',
      'failed to checkout and determine revision: semver parse error: improper constraint: "abc"',
    ],
    [
      'proxy',
      { proxySecretRef: { name: 'gone' } },
      'AuthenticationFailed',
      "failed to configure proxy options: secret 'NS/gone' not found",
    ],
    [
      'azure',
      { provider: 'azure' },
      'AuthenticationFailed',
      "failed to configure authentication options: spec.provider 'azure' is not supported by this version of source-controller",
    ],
  ];

  test.each(cases)('%s', async (name, spec, reason, message) => {
    await world.commit({ a: '1' }, { name: 'private' });
    await world.createSecret('bad', { username: 'user', password: 'wrong' });
    await world.createSecret('nouser', { password: 'x' });
    await world.create(name, { url: world.url('private'), ...spec });
    const object = await world.untilReady(name, 'False');

    const text = message.replaceAll('URL', world.url('private')).replaceAll('NS', world.namespace);
    expect(conditionTexts(object)).toEqual([
      'Reconciling=True/ProgressingWithRetry building artifact',
      `Ready=False/${reason} ${text}`,
      `FetchFailed=True/${reason} ${text}`,
    ]);
    expect(object.status?.observedGeneration).toBe(-1);
    expect(await world.events(name, reason)).toContain(`Warning ${reason} ${text}`);
  });

  test('an empty repository (scenario git-empty)', async () => {
    await world.createRepository('app');
    await world.create('app');

    expect(conditionTexts(await world.untilReady('app', 'False'))).toEqual([
      'Reconciling=True/ProgressingWithRetry building artifact',
      'Ready=False/EmptyGitRepository git repository is empty',
      'FetchFailed=True/EmptyGitRepository git repository is empty',
    ]);
  });

  test('a provider without its secret stalls (SRC-GIT-23)', async () => {
    await world.create('app', { provider: 'github' });
    const object = await world.untilReady('app', 'False');

    const text =
      'InvalidProviderConfiguration secretRef with github app data must be specified when provider is set to github';
    expect(conditionTexts(object)).toEqual([`Stalled=True/${text}`, `Ready=False/${text}`, `FetchFailed=True/${text}`]);
    expect(object.status?.observedGeneration).toBe(1);
  });

  test('unsigned commits are refused when signatures are asked for (scenario git-verify)', async () => {
    const id = await world.commit({ a: '1' });
    await world.createSecret('keys', { 'a.asc': 'x' });
    await world.create('unsigned', { verify: { mode: 'HEAD', secretRef: { name: 'keys' } } });
    await world.create('nosecret', { verify: { mode: 'HEAD', secretRef: { name: 'gone' } } });
    await world.create('notag', { verify: { mode: 'Tag', secretRef: { name: 'keys' } } });

    const unsigned = `InvalidCommitSignature signature verification of commit '${id}' failed: unsupported signature type: empty`;
    expect(conditionTexts(await world.untilReady('unsigned', 'False'))).toEqual([
      'Reconciling=True/ProgressingWithRetry building artifact',
      `Ready=False/${unsigned}`,
      `SourceVerified=False/${unsigned}`,
    ]);
    expect(conditionTexts(await world.untilReady('nosecret', 'False')).at(-1)).toBe(
      'SourceVerified=False/VerificationError public keys secret error: secrets "gone" not found',
    );
    expect(conditionTexts(await world.untilReady('notag', 'False'))[0]).toBe(
      "Stalled=True/InvalidVerificationMode cannot verify tag object's signature if a tag reference is not specified",
    );
  });
});
