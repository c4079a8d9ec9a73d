import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { rootedFileSystem } from '@flux/fs';
import {
  formatWarning,
  loadChart,
  mergeValuesFiles,
  renderNameTemplate,
  templateChartBytes,
  type Warn,
} from '@flux/helm';
import { UsageError } from '../command/errors.ts';
import type { Context } from '../context.ts';
import type { ChartFlags } from './chart-flags.ts';
import { asHelmSaysIt } from './helm-failure.ts';

/** `flux build chart`: what `helm template` prints. */
export async function printChart(context: Context, chart: string, flags: ChartFlags): Promise<void> {
  const warn: Warn = (warning) => context.out.note(`${formatWarning(warning)}\n`);
  try {
    context.out.data(await render(context, chart, { flags, warn }));
  } catch (error) {
    throw asHelmSaysIt(error);
  }
}

async function render(
  context: Context,
  path: string,
  { flags, warn }: { flags: ChartFlags; warn: Warn },
): Promise<Uint8Array> {
  const values = await mergeValuesFiles(
    {
      files: flags.values,
      set: flags.set,
      setString: flags['set-string'],
      setJson: flags['set-json'],
      setFile: flags['set-file'],
      setLiteral: flags['set-literal'],
    },
    (file) => readValuesFile(context, file),
  );
  const chart = await loadChartAt(resolve(context.cwd, path), path, warn);
  const name = flags['name-template'] === '' ? flags.name : renderNameTemplate(flags['name-template']);
  return templateChartBytes(chart, values, {
    name,
    namespace: flags.namespace,
    ...(flags['kube-version'] === '' ? {} : { kubeVersion: flags['kube-version'] }),
    apiVersions: flags['api-versions'],
    includeCrds: flags['include-crds'],
    isUpgrade: flags['is-upgrade'],
    noHooks: flags['no-hooks'],
    skipTests: flags['skip-tests'],
    skipSchemaValidation: flags['skip-schema-validation'],
    showOnly: flags['show-only'],
    warn,
  });
}

async function loadChartAt(path: string, typed: string, warn: Warn) {
  if (/^[a-z]+:\/\//.test(typed)) throw new UsageError(`chart ${typed} is a URL; download it and name the file`);
  const fs = rootedFileSystem('/');
  if (!fs.isFile(path) && !fs.isDirectory(path)) throw new UsageError(`path ${JSON.stringify(typed)} not found`);
  return loadChart(fs, path, { warn });
}

async function readValuesFile(context: Context, path: string): Promise<string> {
  if (path.trim() === '-') {
    const { text } = await import('node:stream/consumers');
    return text(context.stdin() as AsyncIterable<string>);
  }
  if (/^[a-z]+:\/\//.test(path)) throw new UsageError(`values file ${path} is a URL; download it and name the file`);
  try {
    // At once: nothing else goes on, and the threads that read in the background take a while to start.
    return readFileSync(resolve(context.cwd, path), 'utf8');
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    throw isMissing ? new UsageError(`open ${path}: no such file or directory`) : error;
  }
}
