import { resolve } from 'node:path';
import { defineCommand } from '../command/command.ts';
import { ExitError, UsageError } from '../command/errors.ts';
import { boolFlag, intFlag, repeatedFlag, stringFlag } from '../command/flag.ts';

export const up = defineCommand({
  usage: '',
  doc: `The up command runs a Kubernetes API server, a Git server and the Flux controllers on this machine,
pushes a fleet repository and brings it to ready. It needs no cluster and no containers.
It runs until it is interrupted; everything it keeps lies in the data directory, and the next run goes on from there.`,
  example: `  # Run the example fleet
  flux up

  # Run the manifests of a folder, and apply again whenever they change
  flux up --path ./deploy

  # Run a path of a Git repository
  flux up --git https://example.com/fleet.git --branch main --path clusters/dev

  # In CI: stop when all is settled, with exit code 1 when something is not ready
  flux up --once --path ./deploy`,
  anyNamespace: true,
  takes: { max: 0 },
  flags: {
    branch: stringFlag('branch of the repository given by --git', { default: 'main' }),
    'data-dir': stringFlag(
      'directory for the cluster, the repositories and the artifacts (default $FLUX_DATA_DIR, else .flux)',
    ),
    git: stringFlag('address of a Git repository to run'),
    'git-path': stringFlag('path inside the repository given by --git, the same as --path', { hidden: true }),
    'git-port': intFlag('port of the Git server; the one of the last run, else a free one, when 0'),
    once: boolFlag('stop when everything is settled'),
    path: stringFlag('folder to run; with --git the path inside the repository'),
    port: intFlag('port of the API server; the one of the last run, else a free one, when 0'),
    'rewrite-url': repeatedFlag(
      'fetch repositories whose address begins with FROM from TO instead, in the format FROM=TO',
    ),
    simulate: boolFlag('bring workloads to ready; when false, a kube-controller-manager started beside has to do it', {
      default: true,
    }),
  },
  async run(context, { flags, changed }) {
    const path = flags.path || flags['git-path'];
    if (!flags.git && changed('branch')) throw new UsageError('--branch requires --git to be set');
    const badRule = flags['rewrite-url'].find((rule) => !rule.includes('='));
    if (badRule !== undefined)
      throw new UsageError(`invalid --rewrite-url ${JSON.stringify(badRule)}: must be FROM=TO`);
    const { runUp } = await import('@flux/manager');
    const exitCode = await runUp({
      once: flags.once,
      simulate: flags.simulate,
      verbose: context.globals.verbose,
      timeoutMs: context.globals.timeout,
      signal: context.signal,
      ...(flags.git ? { git: flags.git, branch: flags.branch, ...(path ? { path } : {}) } : {}),
      ...(!flags.git && path ? { folder: resolve(context.cwd, path) } : {}),
      ...(flags['data-dir'] ? { dataDirectory: resolve(context.cwd, flags['data-dir']) } : {}),
      ...(flags.port > 0 ? { port: flags.port } : {}),
      ...(flags['git-port'] > 0 ? { gitPort: flags['git-port'] } : {}),
      ...(flags['rewrite-url'].length > 0 ? { rewriteUrls: flags['rewrite-url'] } : {}),
      print: (line) => context.out.note(`${line}\n`),
      output: (text) => context.out.data(text),
    });
    if (exitCode !== 0) throw new ExitError('', exitCode);
  },
});
