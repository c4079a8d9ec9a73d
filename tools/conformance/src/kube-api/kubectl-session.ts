import { execFile, spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { startApiServer } from '@flux/apiserver';
import type { Outcome } from '../outcome.ts';
import { difference } from './compare.ts';
import { Bindings } from './placeholders.ts';
import type { Transcript } from './transcript.ts';

export interface SessionCommand {
  name: string;
  args: string[];
  stdin?: string;
  files?: Record<string, string>;
}

export interface RecordedOutput {
  stdout: string;
  stderr: string;
  exitCode: number;
}

interface Output extends RecordedOutput {}

export function kubectlVersion(): Promise<string | undefined> {
  return new Promise((resolve) => {
    execFile('kubectl', ['version', '--client', '-o', 'json'], (error, stdout) => {
      resolve(
        error ? undefined : (JSON.parse(stdout) as { clientVersion: { gitVersion: string } }).clientVersion.gitVersion,
      );
    });
  });
}

/** Runs the recorded kubectl commands in order with the real program; each is compared where its output was recorded. */
export async function replaySession(
  namespace: string,
  commands: readonly SessionCommand[],
  recorded: ReadonlyMap<string, RecordedOutput & Pick<Transcript, 'steps'>>,
): Promise<Outcome[]> {
  const server = await startApiServer({ version: recordedVersion(recorded.get('kubectl-version')) });
  const folder = await mkdtemp(join(tmpdir(), 'kubectl-session-'));
  const kubeconfig = join(folder, 'kubeconfig');
  await writeFile(
    kubeconfig,
    server.adminKubeconfig().replace('    user: admin\n', `    user: admin\n    namespace: ${namespace}\n`),
  );
  const outcomes: Outcome[] = [];
  const bindings = new Bindings();
  try {
    for (const command of commands) {
      const output = await run(command, folder, kubeconfig);
      const expected = recorded.get(command.name);
      if (!expected) continue;
      const isOfEvents = command.args[0] === 'events';
      const failure = compare(
        isOfEvents ? sortedEvents(expected) : expected,
        isOfEvents ? sortedEvents(output) : output,
        bindings,
      );
      outcomes.push({ id: command.name, ...(failure ? { failure } : {}) });
    }
  } finally {
    await server.close();
    await rm(folder, { recursive: true, force: true });
  }
  return outcomes;
}

/** The recorded server was built without a version, which it says, and on which kubectl fails. */
function recordedVersion(command: Pick<Transcript, 'steps'> | undefined): Record<string, string> {
  const answer = command?.steps.find(({ request }) => request?.path === '/version')?.response?.body;
  const { gitVersion } = (answer ?? {}) as { gitVersion?: string };
  return gitVersion === undefined ? {} : { gitVersion };
}

async function run({ args, stdin, files = {} }: SessionCommand, folder: string, kubeconfig: string): Promise<Output> {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
  return new Promise((resolve) => {
    const child = spawn('kubectl', args, {
      cwd: folder,
      env: { ...process.env, KUBECONFIG: kubeconfig, HOME: folder },
    });
    const output: Output = { stdout: '', stderr: '', exitCode: 0 };
    child.stdout.on('data', (chunk: Buffer) => (output.stdout += chunk.toString('utf8')));
    child.stderr.on('data', (chunk: Buffer) => (output.stderr += chunk.toString('utf8')));
    child.on('close', (code) => resolve({ ...output, exitCode: code ?? -1 }));
    child.stdin.end(stdin ?? '');
  });
}

/** Widths of columns follow the lengths of random names and ages, so runs of spaces count as one. */
function squeeze(text: string): string {
  return text
    .replace(/\/tmp\/(LIVE|MERGED)-\d+/g, '<tmp>/$1')
    .replace(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+|<microtime>/g, 'MICROTIME')
    .replace(/(?<=CreationTimestamp:).*$/gm, 'DATE')
    .replace(/[ \t]+/g, ' ')
    .replace(/ $/gm, '')
    .replace(/^\d{4}\/\d\d\/\d\d.*$/gm, '');
}

/**
 * kubectl sorts events by the second, and those of one second are in no order; which seconds they share depends on how
 * fast the commands before followed each other. Names of pods are random.
 */
function sortedEvents(output: RecordedOutput): RecordedOutput {
  const [head = '', ...lines] = output.stdout.split('\n');
  const known = lines.map((line) =>
    line
      .replace(/-[bcdfghjklmnpqrstvwxz2456789]{8,10}(-[bcdfghjklmnpqrstvwxz2456789]{5})?\b/g, (_, pod) =>
        pod ? '-HASH-POD' : '-HASH',
      )
      .replace(/^(?:<age>|\S+)(?= )/, 'AGE')
      .replace(/(?<=\(x\d+ over )[^)]+/, 'AGE')
      .replace(/ +/g, ' '),
  );
  return { ...output, stdout: [head, ...known.sort()].join('\n') };
}

function compare(expected: RecordedOutput, actual: Output, bindings: Bindings): string | undefined {
  const options = { unstable: new Set<string>(), bindings: new Bindings(bindings) };
  // Some outputs were recorded with the hashes of pod templates, which are not those of this server.
  const hasHashes = /-[bcdfghjklmnpqrstvwxz2456789]{8,10}\b/.test(expected.stdout);
  const words = (text: string) =>
    (hasHashes ? squeeze(text).replace(/-[bcdfghjklmnpqrstvwxz2456789]{8,10}\b/g, '-HASH') : squeeze(text)).trim();
  if (expected.exitCode !== actual.exitCode) {
    return `exit code: want ${expected.exitCode}, got ${actual.exitCode}: ${actual.stderr}${actual.stdout}`;
  }
  return (
    difference(words(expected.stdout), words(actual.stdout), 'stdout', options) ??
    difference(words(expected.stderr), words(actual.stderr), 'stderr', options)
  );
}
