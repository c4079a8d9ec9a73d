import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';

export interface InformerRun {
  count: number;
  seconds: number;
  peakMiB: number;
}

/** As `flux manager` is started: a young generation of this size instead of 16 MiB, from a bundle instead of sources. */
const flags = ['--max-semi-space-size=8', '--disable-warning=ExperimentalWarning'];
const entry = join(import.meta.dirname, 'informer-once.ts');

/** Follows a kind in a process of its own. */
export async function runInformer(of: { kubeconfig: string; apiVersion: string; kind: string }): Promise<InformerRun> {
  const directory = await mkdtemp(join(tmpdir(), 'flux-bench-informer-'));
  try {
    const outfile = join(directory, 'informer.mjs');
    // Names of its own, for CommonJS packages in the bundle ask for `require`.
    const js =
      "import { createRequire as bundleRequire } from 'node:module'; const require = bundleRequire(import.meta.url);";
    await build({
      entryPoints: [entry],
      bundle: true,
      platform: 'node',
      format: 'esm',
      outfile,
      banner: { js },
      logLevel: 'error',
    });
    const args = [...flags, outfile, of.kubeconfig, of.apiVersion, of.kind];
    const { stdout } = await promisify(execFile)(process.execPath, args);
    return JSON.parse(stdout) as InformerRun;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
