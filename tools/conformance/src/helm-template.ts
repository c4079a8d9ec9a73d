import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { messageOf } from '@flux/errors';
import { rootedFileSystem } from '@flux/fs';
import { type ChartWarning, formatWarning, loadChart, mergeValuesFiles, RenderError, templateChart } from '@flux/helm';

/** What a command printed: `stdout` when it succeeded, `error` when it did not, and the warnings before. */
export interface HelmRun {
  stdout?: string;
  error?: string;
  warnings: string;
}

const flags = {
  namespace: { type: 'string' },
  'kube-version': { type: 'string' },
  'api-versions': { type: 'string', multiple: true },
  'include-crds': { type: 'boolean' },
  'skip-tests': { type: 'boolean' },
  'skip-schema-validation': { type: 'boolean' },
  'no-hooks': { type: 'boolean' },
  'is-upgrade': { type: 'boolean' },
  'show-only': { type: 'string', multiple: true },
  values: { type: 'string', multiple: true, short: 'f' },
  set: { type: 'string', multiple: true },
  'set-string': { type: 'string', multiple: true },
  'set-json': { type: 'string', multiple: true },
  'set-file': { type: 'string', multiple: true },
  'set-literal': { type: 'string', multiple: true },
} as const;

/** Runs recorded arguments of `helm template` in a folder, as the helm command would. */
export async function helmTemplate(args: readonly string[], folder: string): Promise<HelmRun> {
  const warnings: ChartWarning[] = [];
  const finish = (run: Omit<HelmRun, 'warnings'>) => ({
    ...run,
    warnings: warnings.map((warning) => `${formatWarning(warning)}\n`).join(''),
  });
  try {
    return finish({ stdout: await run(args.slice(1), folder, (warning) => warnings.push(warning)) });
  } catch (error) {
    const message = messageOf(error);
    const hint = error instanceof RenderError ? '\n\nUse --debug flag to render out invalid YAML' : '';
    return finish({ error: `Error: ${message}${hint}\n` });
  }
}

async function run(args: readonly string[], folder: string, warn: (warning: ChartWarning) => void): Promise<string> {
  const { values: given, positionals } = parseArgs({ args: [...args], options: flags, allowPositionals: true });
  const [name = '', chartPath = ''] = positionals;
  const values = await mergeValuesFiles(
    {
      files: given.values ?? [],
      set: given.set ?? [],
      setString: given['set-string'] ?? [],
      setJson: given['set-json'] ?? [],
      setFile: given['set-file'] ?? [],
      setLiteral: given['set-literal'] ?? [],
    },
    (path) => readText(join(folder, path), path),
  );
  const path = join(folder, chartPath);
  const chart = await loadChart(rootedFileSystem(dirname(path)), path, { warn });
  return templateChart(chart, values, {
    name,
    warn,
    namespace: given.namespace ?? 'default',
    ...(given['kube-version'] === undefined ? {} : { kubeVersion: given['kube-version'] }),
    apiVersions: (given['api-versions'] ?? []).flatMap((text) => text.split(',')),
    includeCrds: given['include-crds'] ?? false,
    skipTests: given['skip-tests'] ?? false,
    noHooks: given['no-hooks'] ?? false,
    isUpgrade: given['is-upgrade'] ?? false,
    skipSchemaValidation: given['skip-schema-validation'] ?? false,
    showOnly: given['show-only'] ?? [],
  });
}

async function readText(path: string, shown: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new Error(`open ${shown}: no such file or directory`, { cause: error });
  }
}
