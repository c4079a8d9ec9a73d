import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { KubeObject } from '@flux/apimachinery';
import { computeStatus } from '@flux/ssa';
import type { Outcome } from '../outcome.ts';
import { show } from './compare.ts';

interface Expected {
  status?: string;
  message?: string;
  /** The reference cannot tell. */
  error?: string;
}

interface RecordedStates {
  /** States of one object as a watch saw them. */
  snapshots?: { n: number; event: string; object: KubeObject; kstatus: Expected }[];
  /** Objects made by hand. */
  cases?: { name: string; object: KubeObject; expect: Expected }[];
}

/** How ready the recorded states of objects are, one outcome a file. */
export async function replayReadiness(folder: string): Promise<Outcome[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.json')).sort();
  return Promise.all(
    names.map(async (name) => {
      const states = JSON.parse(await readFile(join(folder, name), 'utf8')) as RecordedStates;
      const problems = problemsOf(states);
      const id = `readiness/${name.replace('.json', '')}`;
      return { id, ...(problems.length > 0 ? { failure: problems.join('\n') } : {}) };
    }),
  );
}

function problemsOf({ snapshots = [], cases = [] }: RecordedStates): string[] {
  return [
    ...snapshots.map(({ n, event, object, kstatus }) =>
      difference(`snapshot ${n}`, event === 'DELETED' ? undefined : object, kstatus),
    ),
    ...cases.map(({ name, object, expect }) => difference(name, object, expect)),
  ].filter((problem) => problem !== undefined);
}

function difference(title: string, object: KubeObject | undefined, expected: Expected): string | undefined {
  const { status, message } = computeStatus(object);
  const fits =
    expected.error === undefined ? status === expected.status && message === expected.message : status === 'Unknown';
  return fits ? undefined : `${title}: want ${show(expected)}, got ${show({ status, message })}`;
}
