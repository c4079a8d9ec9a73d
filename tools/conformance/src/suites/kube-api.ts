import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type DefaultsCase, replayDefaults } from '../kube-api/defaults.ts';
import {
  kubectlVersion,
  type RecordedOutput,
  replaySession,
  type SessionCommand,
} from '../kube-api/kubectl-session.ts';
import { replayReadiness } from '../kube-api/readiness.ts';
import { replay } from '../kube-api/replay.ts';
import type { Transcript } from '../kube-api/transcript.ts';
import type { Outcome } from '../outcome.ts';

/** Replays the recorded API exchanges, the defaults and the kubectl session against the embedded API server, and computes readiness. */
export async function run(folder: string): Promise<Outcome[]> {
  const transcripts = await readTranscripts(folder);
  const unstable = await readUnstable(folder);
  const outcomes: Outcome[] = [];
  for (const transcript of transcripts) {
    if (transcript.name.startsWith('kubectl-')) continue;
    const problems = await replay(transcript, unstable.get(transcript.name) ?? new Set());
    outcomes.push({ id: transcript.name, ...(problems.length > 0 ? { failure: problems.join('\n') } : {}) });
  }
  const readiness = join(folder, 'readiness');
  return [
    ...outcomes,
    ...(await runDefaults(folder)),
    ...(existsSync(readiness) ? await replayReadiness(readiness) : []),
    ...(await runSession(folder, transcripts)),
  ];
}

type Recorded = Transcript & RecordedOutput;

async function readTranscripts(folder: string): Promise<Recorded[]> {
  const directory = join(folder, 'transcripts');
  const names = (await readdir(directory)).filter((name) => name.endsWith('.json')).sort();
  return Promise.all(names.map(async (name) => JSON.parse(await readFile(join(directory, name), 'utf8')) as Recorded));
}

async function readUnstable(folder: string): Promise<Map<string, ReadonlySet<string>>> {
  const path = join(folder, 'unstable.json');
  if (!existsSync(path)) return new Map();
  const { scenarios } = JSON.parse(await readFile(path, 'utf8')) as { scenarios: Record<string, string[]> };
  return new Map(Object.entries(scenarios).map(([name, paths]) => [name, new Set(paths)]));
}

async function runDefaults(folder: string): Promise<Outcome[]> {
  const path = join(folder, 'defaults.json');
  if (!existsSync(path)) return [];
  const { cases } = JSON.parse(await readFile(path, 'utf8')) as { cases: DefaultsCase[] };
  return replayDefaults(cases);
}

/** Needs the kubectl program; without it these cases are left out. */
async function runSession(folder: string, transcripts: readonly Recorded[]): Promise<Outcome[]> {
  const path = join(folder, 'kubectl-session.json');
  if (!existsSync(path) || (await kubectlVersion()) === undefined) return [];
  const { namespace, commands } = JSON.parse(await readFile(path, 'utf8')) as {
    namespace: string;
    commands: SessionCommand[];
  };
  const recorded = new Map(
    transcripts.filter(({ name }) => name.startsWith('kubectl-')).map((item) => [item.name, item]),
  );
  return replaySession(namespace, commands, recorded);
}
