import { writeSync } from 'node:fs';
import { version } from './version.ts';

// Nothing else is loaded for a version: scripts ask for it often, and it should cost no more than starting Node.
const args = process.argv.slice(2);
if (args.length === 1 && (args[0] === '--version' || args[0] === '-v')) {
  writeSync(1, `flux version ${version}\n`);
} else {
  // without a top-level await, which the chunks of the bundle (`apps/flux/start.cjs`) cannot have
  void import('./process.ts').then(({ runProcess }) => runProcess(args));
}
