import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { packDirectory, temporaryDirectory } from '@flux/fs';

const examples = join(import.meta.dirname, '..', 'warm-up');

/**
 * Runs a build of each kind from a new bundle. The first run of a command keeps the code that V8 made for it: these need
 * what most builds need. Through `./flux`, because code made under other options of V8 is not taken.
 */
export async function warmUp(root: string): Promise<void> {
  await using folder = await temporaryDirectory('flux-warm-up');
  const chart = join(folder.path, 'chart');
  cpSync(join(examples, 'chart'), chart, { recursive: true });
  mkdirSync(join(chart, 'charts'));
  await packDirectory(join(examples, 'subchart'), join(chart, 'charts', 'part-1.0.0.tgz'));
  const flux = join(root, 'flux');
  if (!existsSync(flux)) return;
  for (const args of [
    ['dir', examples],
    ['chart', chart],
  ]) {
    spawnSync(flux, ['build', ...args], { stdio: 'ignore' });
  }
}
