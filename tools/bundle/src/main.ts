import { spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { writeBundle } from './write-bundle.ts';

/** Makes the bundle that `./flux` starts from; `start.cjs` runs this in the background. */
const root = resolve(import.meta.dirname, '..', '..', '..');
const id = await writeBundle(root);
// the first run of a command keeps the code that V8 made for it: this one needs what most builds need
const warmUp = ['build', 'dir', join(import.meta.dirname, '..', 'warm-up')];
spawnSync(process.execPath, [join(root, 'apps/flux/start.cjs'), ...warmUp], { stdio: 'ignore' });
process.stdout.write(`✔ bundle ${id}\n`);
