import { version } from './version.ts';

// Nothing else is loaded for a version: scripts ask for it often, and it should cost no more than starting Node.
const args = process.argv.slice(2);
if (args.length === 1 && (args[0] === '--version' || args[0] === '-v')) {
  process.stdout.write(`flux version ${version}\n`);
} else {
  const { runProcess } = await import('./process.ts');
  await runProcess(args);
}
