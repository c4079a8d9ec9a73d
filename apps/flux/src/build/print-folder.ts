import { resolve } from 'node:path';
import { rootedFileSystem } from '@flux/fs';
import { BuildError, type BuildOptions, build, parseRepository, resourcesToYaml } from '@flux/kustomize';
import { ExitError } from '../command/errors.ts';
import type { Console } from '../console.ts';
import { lazyRemoteBases } from './lazy-remote-bases.ts';

interface FolderBuild {
  /** A folder or a Git URL. */
  target: string;
  cwd: string;
  restrictsLoads: boolean;
  reorder: NonNullable<BuildOptions['reorder']>;
  rendersHelm: boolean;
  /** For names of releases that are generated. */
  now: () => Date;
  /** A file or an existing folder to write to; without it the result is printed. */
  output: string | undefined;
}

/** `flux build dir`: what `kustomize build` prints or writes. */
export async function printFolder(out: Console, options: FolderBuild): Promise<void> {
  await using remote = lazyRemoteBases();
  const warn = (message: string) => out.note(message.endsWith('\n') ? message : `${message}\n`);
  await using charts = options.rendersHelm
    ? (await import('./helm-charts.ts')).helmCharts({ now: options.now, onWarning: warn })
    : undefined;
  const { target, cwd } = options;
  const path = parseRepository(target) === undefined ? resolve(cwd, target) : target;
  const resources = await build(rootedFileSystem('/'), path, {
    reorder: options.reorder,
    loadRestrictions: options.restrictsLoads ? 'rootOnly' : 'none',
    diskMessages: true,
    remote,
    ...(charts ? { charts } : {}),
    onWarning: warn,
  }).catch((error: unknown) => {
    // the engine's messages are whole, as kustomize prints them; their causes would only repeat them
    throw error instanceof BuildError ? new ExitError(error.message, 1) : error;
  });
  if (options.output === undefined) return out.data(resourcesToYaml(resources));
  const { writeResources } = await import('./write-resources.ts');
  await writeResources(resources, options.output);
}
