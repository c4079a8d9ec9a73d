import { resolve } from 'node:path';
import { warmUp } from './warm-up.ts';
import { writeBundle } from './write-bundle.ts';

/** Makes the bundle that `./flux` starts from; `start.cjs` runs this in the background. */
const root = resolve(import.meta.dirname, '..', '..', '..');
const id = await writeBundle(root);
await warmUp(root);
process.stdout.write(`✔ bundle ${id}\n`);
