import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { configMap, Fleet, type Team, type World } from './fleet.ts';

interface Failure {
  title: string;
  files: Parameters<Team['push']>[0];
  /** Change of the Kustomization. */
  spec?: object;
  reason: string;
  message: (team: Team) => string | RegExp;
}

const overlay = (...resources: string[]) => ({
  'deploy/kustomization.yaml': `resources:\n${resources.map((name) => `- ${name}\n`).join('')}`,
});

const bomb = [
  'a: &a [x, x, x, x, x, x, x, x, x, x]',
  ...['b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'].map((name, index) => {
    const before = 'abcdefgh'[index]!;
    return `${name}: &${name} [${Array(10).fill(`*${before}`).join(', ')}]`;
  }),
].join('\n');

const failures: Failure[] = [
  {
    title: 'an overlay that reads a file outside of the artifact',
    files: overlay('kept.yaml', '../../../../../../etc/passwd'),
    reason: 'BuildFailed',
    message: () =>
      /^kustomize build failed: accumulating resources: .*'\.\.\/\.\.\/\.\.\/\.\.\/\.\.\/\.\.\/etc\/passwd'/,
  },
  {
    title: 'a path outside of the artifact',
    files: { 'deploy/kept.yaml': configMap('kept', { a: 'new' }) },
    spec: { path: '../../../../etc' },
    reason: 'ArtifactFailed',
    message: () => /^kustomization path not found: stat .*\/etc: no such file or directory$/,
  },
  {
    title: 'a manifest that is a symlink out of the repository',
    files: { ...overlay('kept.yaml', 'passwd.yaml'), 'deploy/passwd.yaml': { symlink: '/etc/passwd' } },
    reason: 'BuildFailed',
    message: () => /passwd\.yaml: no such file or directory$/,
  },
  {
    title: 'a folder that is a symlink out of the repository',
    files: { outside: { symlink: '/etc' } },
    spec: { path: './outside' },
    reason: 'ArtifactFailed',
    message: () => /^kustomization path not found: stat .*\/outside: no such file or directory$/,
  },
  {
    title: 'two manifests of the same object',
    files: { 'deploy/again.yaml': configMap('kept') },
    reason: 'BuildFailed',
    message: () =>
      /^kustomize build failed: .*may not add resource with an already registered id: ConfigMap\.v1\.\[noGrp\]\/kept/,
  },
  {
    title: 'a bomb of aliases',
    files: { 'deploy/bomb.yaml': `${configMap('bomb')}${bomb}\n` },
    reason: 'BuildFailed',
    message: () =>
      /^failed to decode Kubernetes YAML from .*\/deploy\/bomb\.yaml: MalformedYAMLError: yaml: document contains excessive aliasing$/,
  },
  {
    title: 'a tower of brackets',
    files: { 'deploy/deep.yaml': `${configMap('deep')}deep: ${'['.repeat(20_000)}${']'.repeat(20_000)}\n` },
    reason: 'BuildFailed',
    message: () => /^failed to decode Kubernetes YAML from .*\/deploy\/deep\.yaml: MalformedYAMLError: yaml: .*depth/,
  },
  {
    title: 'a kind that the cluster does not have',
    files: { 'deploy/nope.yaml': 'apiVersion: example.com/v1\nkind: Nope\nmetadata:\n  name: x\n' },
    reason: 'ReconciliationFailed',
    message: ({ namespace }) =>
      `Nope/${namespace}/x dry-run failed: no matches for kind "Nope" in version "example.com/v1"\n`,
  },
  {
    title: 'a field that the API server refuses',
    files: {
      'deploy/web.yaml': [
        'apiVersion: v1',
        'kind: Service',
        'metadata:',
        '  name: Bad_Name',
        'spec:',
        '  ports:',
        '  - port: 80',
        '',
      ].join('\n'),
    },
    reason: 'ReconciliationFailed',
    message: ({ namespace }) =>
      `Service/${namespace}/Bad_Name dry-run failed (Invalid): Service "Bad_Name" is invalid: metadata.name: Invalid value: "Bad_Name": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')\n`,
  },
  {
    title: 'a number where a text belongs',
    files: { 'deploy/number.yaml': `${configMap('number').replace(/data: .*/, 'data:\n  a: 1')}` },
    reason: 'ReconciliationFailed',
    message: ({ namespace }) =>
      `ConfigMap/${namespace}/number dry-run failed: failed to create typed patch object (${namespace}/number; /v1, Kind=ConfigMap): .data.a: expected string, got &value.valueUnstructured{Value:1}\n`,
  },
  {
    title: 'an object larger than the API server keeps',
    files: { 'deploy/big.yaml': configMap('big', { a: 'x'.repeat(2_000_000) }) },
    reason: 'ReconciliationFailed',
    message: ({ namespace }) =>
      `ConfigMap/${namespace}/big dry-run failed (Invalid): ConfigMap "big" is invalid: []: Too long: may not be more than 1048576 bytes\n`,
  },
  {
    title: 'ten megabytes of manifest',
    files: { 'deploy/big.yaml': configMap('big', { a: 'x'.repeat(10_000_000) }) },
    reason: 'ReconciliationFailed',
    // a call inside the process has no body whose length could be refused
    message: ({ namespace }) =>
      new RegExp(
        `^ConfigMap/${namespace}/big dry-run failed \\((RequestEntityTooLarge\\): Request entity too large: limit is 3145728|Invalid\\): .* Too long: .*)\n$`,
      ),
  },
];

/** What a repository may hold, seen by its owner and by the others. */
export function describeRepositoryContent(name: string, start: () => Promise<World>): void {
  describe(name, () => {
    let fleet: Fleet;
    let other: Team;
    let version = 0;

    beforeAll(async () => {
      fleet = await Fleet.start(await start());
      other = await fleet.team();
    });
    afterAll(() => fleet?.[Symbol.asyncDispose]());

    const expectOthersGoOn = async () => {
      await other.deploy({ 'deploy/version.yaml': configMap('version', { version: String(++version) }) });
      expect((await other.find('version'))?.['data']).toEqual({ version: String(version) });
    };

    test.each(failures)('$title is reported, nothing is deleted and others go on', async (failure) => {
      const team = await fleet.team();
      await team.push(failure.files);
      await team.request(failure.spec ? { applier: failure.spec } : {});
      const { status } = await team.failed();

      const ready = status?.conditions?.find(({ type }) => type === 'Ready');
      expect(ready?.reason).toBe(failure.reason);
      expect(ready?.message.slice(0, 2000)).toEqual(expectedText(failure.message(team)));
      expect(JSON.stringify(status)).not.toContain('root:');
      expect(status?.inventory?.entries).toEqual([{ id: `${team.namespace}_kept__ConfigMap`, v: 'v1' }]);
      expect((await team.find('kept'))?.['data']).toEqual({ a: 'b' });
      await expectOthersGoOn();
    });

    test('a repository that is mended is applied again', async () => {
      const team = await fleet.team();
      await team.push({ 'deploy/broken.yaml': 'a: b: c\n' });
      await team.request();
      await team.failed();

      await team.deploy({ 'deploy/broken.yaml': configMap('mended') });

      expect(await team.find('mended')).toBeDefined();
    });

    test('a large manifest in ten megabytes of comments is applied', async () => {
      const team = await fleet.team();
      const comment = `# ${'x'.repeat(98)}\n`.repeat(100_000);

      await team.deploy({ 'deploy/long.yaml': `${comment}${configMap('long', { a: 'x'.repeat(900_000) })}` });

      expect((await team.find('long'))?.['data'].a).toHaveLength(900_000);
    });

    test('a key named __proto__ is data', async () => {
      const team = await fleet.team();
      const manifest = [
        'apiVersion: v1',
        'kind: ConfigMap',
        'metadata:',
        '  name: proto',
        'data:',
        '  __proto__: polluted',
        '  constructor: polluted',
        '',
      ].join('\n');

      await team.deploy({ 'deploy/proto.yaml': manifest });

      const { data } = (await team.find('proto')) as unknown as { data: object };
      expect(Object.entries(data).sort()).toEqual([
        ['__proto__', 'polluted'],
        ['constructor', 'polluted'],
      ]);
      expect('polluted' in {}).toBe(false);
    });

    test('an object named __proto__ in every place changes nothing else', async () => {
      const team = await fleet.team();
      const manifest = [
        configMap('proto').trim(),
        '__proto__:',
        '  polluted: true',
        'constructor:',
        '  prototype:',
        '    polluted: true',
        '',
      ].join('\n');

      await team.deploy({ 'deploy/proto.yaml': manifest });

      expect(Object.keys((await team.find('proto')) ?? {})).not.toContain('constructor');
      expect('polluted' in {}).toBe(false);
      await expectOthersGoOn();
    });
  });
}

function expectedText(message: string | RegExp): unknown {
  return typeof message === 'string' ? message : expect.stringMatching(message);
}
