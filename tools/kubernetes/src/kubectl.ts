import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { ensureBuilt } from './build.ts';
import { kubectlProgram } from './modules.ts';

const run = promisify(execFile);

/** The kubectl of the machine, or one built from its Go module: a path or a name to run. */
export async function ensureKubectl(): Promise<string> {
  try {
    await run('kubectl', ['version', '--client']);
    return 'kubectl';
  } catch {
    return (await ensureBuilt([kubectlProgram]))['kubectl']!;
  }
}
