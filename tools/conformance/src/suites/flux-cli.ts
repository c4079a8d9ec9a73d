import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Cluster } from '@flux/client';
import { ensureNamespace, setUp, startBareCluster, tearDown } from '../flux-cli/bare-cluster.ts';
import { versionText } from '../flux-cli/own-version.ts';
import { type CliCase, type CliIndex, type DirectCall, render, splitCommand } from '../flux-cli/recorded-case.ts';
import { type Ran, runCommand } from '../flux-cli/run-case.ts';
import { actAsController, localise } from '../flux-cli/scenario.ts';
import type { Outcome } from '../outcome.ts';

const changesFound = 'identified at least one change, exiting with non-zero exit code';

interface Stage {
  folder: string;
  scratch: string;
  cluster: Cluster;
}

/**
 * Replays recorded command lines against an API server without controllers. What needs running controllers and the
 * internet (`e2eSequences`) is left out; a command that does not exist counts as failed.
 */
export async function run(folder: string): Promise<Outcome[]> {
  const index: CliIndex = JSON.parse(await readFile(join(folder, 'INDEX.json'), 'utf8'));
  const scratch = await mkdtemp(join(tmpdir(), 'flux-cli-'));
  const bare = await startBareCluster(resolve(folder, '..', 'crds'));
  const stage: Stage = { folder: resolve(folder), scratch, cluster: bare.cluster };
  const outcomes: Outcome[] = [];
  try {
    const singles = index.e2eSingles.filter(({ expect }) => expect.success !== true);
    for (const [at, recorded] of [...index.cases, ...singles].entries()) {
      outcomes.push({ id: idOf(recorded, at), ...(await replay(recorded, stage)) });
    }
    for (const [at, call] of index.directCalls.entries()) {
      outcomes.push({ id: `direct ${at} ${call.test}`, ...(await replayDirect(call, stage)) });
    }
  } finally {
    await bare.close();
    await rm(scratch, { recursive: true, force: true });
  }
  return outcomes;
}

function idOf({ test, command }: CliCase, at: number): string {
  return `${at} ${test} ${command.replace(/^flux /, '').slice(0, 60)}`;
}

async function replay(recorded: CliCase, stage: Stage): Promise<{ failure?: string }> {
  const done = new AbortController();
  try {
    const wanted = await expectedOutput(recorded, stage);
    const removable = await prepare(recorded, stage);
    const command = await localise(recorded, stage.folder, stage.scratch);
    const acting = actAsController(recorded, stage.cluster, done.signal).catch(() => undefined);
    const ran = await runCommand(splitCommand(command), {
      ...stage,
      ...(recorded.env ? { env: recorded.env } : {}),
      ...(recorded.stdin ? { stdin: recorded.stdin } : {}),
    });
    done.abort();
    await acting;
    await tearDown(stage.cluster, removable);
    return verdict(recorded, wanted, ran);
  } catch (error) {
    done.abort();
    return { failure: `could not be replayed: ${(error as Error).message}` };
  }
}

async function prepare(recorded: CliCase, { cluster, folder }: Stage) {
  const named = /(?:-n|--namespace)[= ](\S+)/.exec(recorded.command)?.[1]?.replace(/['"]/g, '');
  const target = /ConfigMap\/([\w-]+)\/outside-cwd/.exec(recorded.recorded?.output ?? '')?.[1];
  for (const namespace of [named, target]) {
    if (namespace && /^[a-z0-9-]+$/.test(namespace)) await ensureNamespace(cluster, namespace);
  }
  return setUp(cluster, folder, recorded.clusterObjects);
}

/** The golden, else what was recorded; `undefined` when only the error counts. */
async function expectedOutput({ expect, recorded }: CliCase, { folder, cluster }: Stage): Promise<string | undefined> {
  if (expect.golden) {
    const path = join(folder, expect.golden);
    if (!existsSync(path)) throw new Error(`${expect.golden} is not there`);
    const { body } = await cluster.raw({ method: 'GET', path: '/version' });
    const serverVersion = String((body as { gitVersion: string }).gitVersion).replace(/^v/, '');
    return render(await readFile(path, 'utf8'), { ...expect.values, serverVersion });
  }
  if (!recorded || expect.error || expect.errorContains) return undefined;
  return recorded.output.replaceAll('0.0.0-dev.0', await versionText());
}

function verdict({ expect, recorded, command }: CliCase, wanted: string | undefined, ran: Ran): { failure?: string } {
  const error = expect.error ?? recorded?.error ?? '';
  const isSameError = expect.errorContains
    ? ran.error.includes(expect.errorContains)
    : ran.error === error || ran.error === changesFound;
  if (!isSameError) return { failure: `error: recorded ${JSON.stringify(error)}, ours ${JSON.stringify(ran.error)}` };
  // the blank line after each table went straight to the process in the recordings
  const output = / get (\w+ )?all/.test(command) ? ran.output.replaceAll('\n\n', '\n') : ran.output;
  if (wanted === undefined || output === wanted) return {};
  return { failure: `recorded:\n${wanted}\nours:\n${output}` };
}

async function replayDirect(call: DirectCall, stage: Stage): Promise<{ failure?: string }> {
  if (call.podLogStream === undefined) {
    const ran = await runCommand(splitCommand(call.command), stage);
    return verdict({ ...call, clusterObjects: [] }, undefined, { ...ran, error: ran.error || 'no error' });
  }
  await writeFile(join(stage.scratch, 'kubeconfig'), '');
  await writeFile(join(stage.scratch, 'flux.log'), call.podLogStream);
  const env = { KUBECONFIG: join(stage.scratch, 'kubeconfig') };
  const ran = await runCommand(splitCommand(call.command), { ...stage, env });
  const golden = await readFile(join(stage.folder, call.expect.golden ?? ''), 'utf8');
  return verdict({ ...call, clusterObjects: [] }, golden, ran);
}
