// Runs a TypeScript entry on the project's own Node (24, from npm), installing dependencies first when they are missing.
// Plain JavaScript on purpose: this file must run on any Node >= 20.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const stamp = join(root, 'node_modules', '.installed-lock');

/** Installs when node_modules is absent or older than the lock file that it was made from. */
function ensureInstalled() {
  const lock = readFileSync(join(root, 'package-lock.json'), 'utf8');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return;
  process.stderr.write('► installing dependencies\n');
  // `npm ci` empties node_modules first, which would pull the floor from under what is running.
  const verb = existsSync(join(root, 'node_modules')) ? 'install' : 'ci';
  const args = [verb, '--no-audit', '--no-fund', '--loglevel=error'];
  const result = spawnSync('npm', args, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
  if (result.status !== 0) {
    process.stderr.write(`✗ npm ${verb} failed; see the messages above\n`);
    process.exit(result.status ?? 1);
  }
  writeFileSync(stamp, readFileSync(join(root, 'package-lock.json'), 'utf8'));
  process.stderr.write('✔ dependencies installed\n');
}

/** The Node that runs the sources: the npm-provided 24, or the current one when it strips types itself (>= 22.18). */
function findNode() {
  const target = `${process.platform}-${process.arch}`;
  // Apple Silicon's Node comes under another name.
  for (const name of [`node-${target}`, `node-bin-${target}`]) {
    const own = join(root, 'node_modules', name, 'bin', 'node');
    if (existsSync(own) && statSync(own).isFile()) return own;
  }
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > 22 || (major === 22 && minor >= 18)) return process.execPath;
  process.stderr.write(
    `✗ Node ${process.versions.node} cannot run TypeScript and npm has no Node 24 for ${target}; install Node 24\n`,
  );
  process.exit(1);
}

ensureInstalled();
const [entry, ...args] = process.argv.slice(2);
const bin = join(root, 'node_modules', '.bin');
const child = spawn(findNode(), ['--disable-warning=ExperimentalWarning', join(root, entry), ...args], {
  stdio: 'inherit',
  env: { ...process.env, PATH: `${bin}:${process.env.PATH}` },
});
// Ctrl-C reaches the child through the terminal's process group; a plain kill does not, so pass it on.
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) {
  process.on(signal, () => signal !== 'SIGINT' && child.kill(signal));
}
child.on('exit', (code, signal) => process.exit(signal ? 128 + 2 : (code ?? 1)));
