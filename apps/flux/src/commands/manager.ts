import type { RunManagerOptions } from '@flux/manager';
import { defineCommand } from '../command/command.ts';
import { ExitError, UsageError } from '../command/errors.ts';
import {
  boolFlag,
  durationFlag,
  enumFlag,
  type FlagValues,
  intFlag,
  listFlag,
  repeatedFlag,
  stringFlag,
} from '../command/flag.ts';
import type { Context, Environment } from '../context.ts';
import { availableComponents } from '../install/components.ts';
import { gateSettings } from './feature-gates.ts';

const digestAlgorithms = ['sha256', 'sha384', 'sha512', 'blake3', 'sha1'] as const;

/** Flags of Flux's controllers under their names (KUS-CTRL-02, SRC-FLAG-01..06). */
const flags = {
  'artifact-digest-algo': enumFlag('digest algorithm of artifacts', digestAlgorithms, {
    default: 'sha256',
    refuse: (text) => `unsupported digest algorithm '${text}', must be one of: ${digestAlgorithms.join(', ')}`,
  }),
  'artifact-retention-records': intFlag('files of an artifact to keep besides those that are young', { default: 2 }),
  'artifact-retention-ttl': durationFlag('how long the files of former artifacts are kept', { default: '1m0s' }),
  concurrent: intFlag('objects that each controller reconciles at the same time; 0 is the default of each'),
  'concurrent-ssa': intFlag('objects that a Kustomization applies at the same time', { default: 4 }),
  controllers: listFlag('controllers to run', { default: availableComponents }),
  'custom-apply-stage-kinds': listFlag('kinds to apply in a stage of their own, in the format group/Kind'),
  'default-kubeconfig-service-account': stringFlag(
    'ServiceAccount whose tokens reach a cluster of kubeConfig.configMapRef that names none',
  ),
  'default-service-account': stringFlag('ServiceAccount for Kustomizations and HelmReleases that name none'),
  'enable-leader-election': boolFlag('work only while holding the lease of the controllers'),
  'events-addr': stringFlag('address to which events are forwarded'),
  'feature-gates': listFlag('feature gates to switch, in the format Name=true'),
  'graceful-shutdown-timeout': durationFlag('how long a stopping process waits for what is under way', {
    default: '30s',
  }),
  'health-addr': stringFlag('address of /healthz and /readyz', { default: ':9440' }),
  'helm-cache-max-size': intFlag('indexes of Helm repositories to keep in memory; 0 keeps what fits into 64 MiB'),
  'helm-cache-purge-interval': durationFlag('how often expired indexes are dropped', { default: '1m0s' }),
  'helm-cache-ttl': durationFlag('how long an index that is not used is kept', { default: '15m0s' }),
  'helm-chart-file-max-size': intFlag('largest file in a Helm chart, in bytes', { default: 5_242_880 }),
  'helm-chart-max-size': intFlag('largest Helm chart, in bytes', { default: 10_485_760 }),
  'helm-index-max-size': intFlag('largest index of a Helm repository, in bytes', { default: 52_428_800 }),
  'http-retry': intFlag('attempts to download an artifact', { default: 9 }),
  'http-timeout': durationFlag('limit of the download of a chart', { default: '30s' }),
  'insecure-kubeconfig-exec': boolFlag('let kubeconfigs in Secrets run programs to log in'),
  'insecure-kubeconfig-tls': boolFlag('let kubeconfigs in Secrets skip the verification of the server'),
  'interval-jitter-percentage': intFlag('percentage by which intervals vary', { default: 5 }),
  'kube-api-burst': intFlag('requests to the API server that may exceed --kube-api-qps for a moment', { default: 300 }),
  'kube-api-qps': intFlag('requests to the API server in a second; 0 is without limit'),
  'leader-election-lease-duration': durationFlag('how long others wait for a leader that does not renew', {
    default: '35s',
  }),
  'leader-election-release-on-cancel': boolFlag('give the lease back when stopping', { default: true }),
  'leader-election-renew-deadline': durationFlag('how long a leader tries to renew', { default: '30s' }),
  'leader-election-retry-period': durationFlag('time between attempts to get or renew the lease', { default: '5s' }),
  'log-encoding': enumFlag('format of the log', ['json', 'console'], {
    default: 'json',
    refuse: (text) => `unsupported log encoding '${text}', must be one of: json, console`,
  }),
  'log-level': enumFlag('least level to log', ['trace', 'debug', 'info', 'error'], {
    default: 'info',
    refuse: (text) => `unsupported log level '${text}', must be one of: trace, debug, info, error`,
  }),
  'max-retry-delay': durationFlag('longest delay after repeated failures', { default: '15m0s' }),
  'metrics-addr': stringFlag('address of /metrics', { default: ':8080' }),
  'min-retry-delay': durationFlag('delay after the first failure', { default: '750ms' }),
  'no-cross-namespace-refs': boolFlag('refuse references to other namespaces'),
  'no-remote-bases': boolFlag('refuse remote bases of kustomizations'),
  'oom-watch-current-memory-path': stringFlag('file of the memory in use, for the gate OOMWatch'),
  'oom-watch-interval': durationFlag('how often the gate OOMWatch looks at the memory', { default: '500ms' }),
  'oom-watch-max-memory-path': stringFlag('file of the memory limit, for the gate OOMWatch'),
  'oom-watch-memory-threshold': intFlag('per cent of the memory limit at which the gate OOMWatch stops the process', {
    default: 95,
  }),
  'override-manager': repeatedFlag('field manager whose fields are taken over'),
  'requeue-dependency': durationFlag('longest wait for a dependency before it is looked at again', { default: '30s' }),
  'rewrite-url': repeatedFlag(
    'fetch repositories whose address begins with FROM from TO instead, in the format FROM=TO',
  ),
  'snapshot-digest-algo': enumFlag('digest algorithm of the snapshots of releases', digestAlgorithms, {
    default: 'sha256',
    refuse: (text) => `unsupported digest algorithm '${text}', must be one of: ${digestAlgorithms.join(', ')}`,
  }),
  'storage-addr': stringFlag('address on which artifacts are served', { default: ':9090' }),
  'storage-adv-addr': stringFlag('address under which others reach the artifacts'),
  'storage-path': stringFlag('directory of the artifacts', { default: '/data' }),
  'token-cache-max-duration': durationFlag('how long a token is kept at most, up to an hour', { default: '1h0m0s' }),
  'token-cache-max-size': intFlag('tokens of ServiceAccounts to keep; 0 keeps none', { default: 100 }),
  'watch-all-namespaces': boolFlag('watch all namespaces, not only that of the process', { default: true }),
  'watch-configs-label-selector': stringFlag('ConfigMaps and Secrets whose changes start a reconciliation', {
    default: 'reconcile.fluxcd.io/watch=Enabled',
  }),
  'watch-label-selector': stringFlag('reconcile only objects with these labels'),
};

type Flags = FlagValues<typeof flags>;
type Gates = ReturnType<typeof gateSettings>;

export const manager = defineCommand({
  doc: 'The manager command runs the Flux controllers against the cluster of the kubeconfig, or of the Pod it runs in.',
  example:
    '  # Run all controllers\n  flux manager --storage-path=/tmp/artifacts\n\n  # Run one of them\n  flux manager --controllers=kustomize-controller',
  anyNamespace: true,
  takes: { max: 0 },
  flags,
  async run(context, { flags: values, changed }) {
    const { runManager } = await import('@flux/manager');
    const exitCode = await runManager(await managerOptions(context, values, changed));
    if (exitCode !== 0) throw new ExitError('', exitCode);
  },
});

/** Environment variables that stand in for flags which were not typed (SRC-FLAG-01, SRC-FLAG-02). */
const variables: Readonly<Record<string, string>> = {
  'metrics-addr': 'METRICS_ADDR',
  'events-addr': 'EVENTS_ADDR',
  'storage-path': 'STORAGE_PATH',
  'storage-addr': 'STORAGE_ADDRESS',
  'storage-adv-addr': 'STORAGE_ADV_ADDR',
};

async function managerOptions(
  { globals, env, signal }: Context,
  values: Flags,
  changed: (name: keyof Flags & string) => boolean,
): Promise<RunManagerOptions> {
  const text = (name: keyof Flags & string): string => {
    const variable = variables[name];
    return (!changed(name) && variable && env[variable]) || String(values[name]);
  };
  const gates = gateSettings(values['feature-gates']);
  const { controllerNames, rewriterOf } = await import('@flux/manager');
  return {
    signal,
    ...(globals.kubeconfig ? { kubeconfig: globals.kubeconfig } : {}),
    ...(globals.context ? { context: globals.context } : {}),
    controllers: values.controllers.map((name) => knownName(name, controllerNames)),
    storagePath: text('storage-path'),
    storageAddress: text('storage-addr'),
    ...(text('storage-adv-addr') ? { storageAdvertisedAddress: text('storage-adv-addr') } : {}),
    source: sourceSettings(values),
    ...applierSettings(values, gates),
    ...memoryWatch(values, gates.watchesMemory),
    ...rateLimit(values),
    gracePeriodMs: values['graceful-shutdown-timeout'],
    ...(values['rewrite-url'].length > 0 ? { rewriteUrl: rewriterOf(values['rewrite-url']) } : {}),
    metricsAddress: text('metrics-addr'),
    healthAddress: text('health-addr'),
    eventsAddress: text('events-addr'),
    ...watchScope(values, env),
    jitterPercent: jitterOf(values),
    minRetryMs: values['min-retry-delay'],
    maxRetryMs: values['max-retry-delay'],
    ...(await leaderElection(values, env)),
    logLevel: values['log-level'] || 'info',
    logEncoding: values['log-encoding'] || 'json',
  };
}

function knownName<T extends string>(name: string, known: readonly T[]): T {
  const found = known.find((each) => each === name || each === `${name}-controller`);
  if (!found) throw new UsageError(`controller ${name} is not available, must be one of: ${known.join(', ')}`);
  return found;
}

function sourceSettings(values: Flags): NonNullable<RunManagerOptions['source']> {
  return {
    ...(values.concurrent > 0 ? { concurrency: values.concurrent } : {}),
    requeueDependencyMs: values['requeue-dependency'],
    retention: { ttlMs: values['artifact-retention-ttl'], records: values['artifact-retention-records'] },
    digestAlgorithm: values['artifact-digest-algo'] || 'sha256',
    limits: {
      maxIndexBytes: values['helm-index-max-size'],
      maxChartBytes: values['helm-chart-max-size'],
      maxFileBytes: values['helm-chart-file-max-size'],
    },
    indexCache: { maxItems: values['helm-cache-max-size'], ttlMs: values['helm-cache-ttl'] },
    indexCachePurgeMs: values['helm-cache-purge-interval'],
  };
}

/** What kustomize-controller and helm-controller are told, most of it alike. */
function applierSettings(values: Flags, gates: Gates): Required<Pick<RunManagerOptions, 'kustomize' | 'helm'>> {
  const common = {
    concurrency: values.concurrent,
    requeueDependencyMs: values['requeue-dependency'],
    refusesCrossNamespaceRefs: values['no-cross-namespace-refs'],
    defaultServiceAccount: values['default-service-account'],
    overrideManagers: values['override-manager'],
    httpRetries: values['http-retry'],
    configSelector: values['watch-configs-label-selector'],
  };
  return {
    kustomize: {
      ...common,
      applyConcurrency: values['concurrent-ssa'],
      refusesRemoteBases: values['no-remote-bases'],
      customStageKinds: values['custom-apply-stage-kinds'].join(','),
      ...gates.kustomize,
    },
    helm: {
      ...common,
      httpTimeoutMs: values['http-timeout'],
      digestAlgorithm: values['snapshot-digest-algo'] || 'sha256',
      ...remoteClusters(values, gates),
      ...gates.helm,
    },
  };
}

/** How clusters of `spec.kubeConfig` are reached. */
function remoteClusters(values: Flags, gates: Gates): NonNullable<RunManagerOptions['helm']> {
  const defaultKubeConfigServiceAccount = values['default-kubeconfig-service-account'];
  if (defaultKubeConfigServiceAccount && !gates.helm.allowsObjectIdentity) {
    throw new UsageError(
      'cannot set default service accounts when the feature gate ObjectLevelWorkloadIdentity is not enabled',
    );
  }
  return {
    defaultKubeConfigServiceAccount,
    remoteKubeconfig: {
      allowExec: values['insecure-kubeconfig-exec'],
      allowInsecureTls: values['insecure-kubeconfig-tls'],
    },
    tokenCache: { maxSize: values['token-cache-max-size'], maxDurationMs: values['token-cache-max-duration'] },
  };
}

function memoryWatch(values: Flags, isOn: boolean): Pick<RunManagerOptions, 'memoryWatch'> {
  if (!isOn) return {};
  return {
    memoryWatch: {
      threshold: values['oom-watch-memory-threshold'],
      intervalMs: values['oom-watch-interval'],
      limitPath: values['oom-watch-max-memory-path'],
      usagePath: values['oom-watch-current-memory-path'],
    },
  };
}

function rateLimit(values: Flags): Pick<RunManagerOptions, 'rateLimit'> {
  const perSecond = values['kube-api-qps'];
  return perSecond > 0 ? { rateLimit: { perSecond, burst: values['kube-api-burst'] } } : {};
}

function jitterOf(values: Flags): number {
  const percent = values['interval-jitter-percentage'];
  if (percent < 0 || percent >= 100) {
    throw new UsageError(`--interval-jitter-percentage must be between 0 and 99, not ${percent}`);
  }
  return percent;
}

function watchScope(values: Flags, env: Environment): { namespace?: string; labelSelector?: string } {
  const namespace = values['watch-all-namespaces'] ? '' : env['RUNTIME_NAMESPACE'];
  if (namespace === undefined)
    throw new UsageError('--watch-all-namespaces=false requires RUNTIME_NAMESPACE to be set');
  const labelSelector = values['watch-label-selector'];
  return { ...(namespace ? { namespace } : {}), ...(labelSelector ? { labelSelector } : {}) };
}

/** Each shard has a Lease of its own (KUS-CTRL-04). */
async function leaderElection(values: Flags, env: Environment): Promise<Pick<RunManagerOptions, 'leaderElection'>> {
  if (!values['enable-leader-election']) return {};
  const { leaderElectionId } = await import('@flux/runtime');
  return {
    leaderElection: {
      id: leaderElectionId('flux-manager', values['watch-label-selector']),
      namespace: env['RUNTIME_NAMESPACE'] ?? 'flux-system',
      leaseDurationMs: values['leader-election-lease-duration'],
      renewDeadlineMs: values['leader-election-renew-deadline'],
      retryPeriodMs: values['leader-election-retry-period'],
      releaseOnCancel: values['leader-election-release-on-cancel'],
    },
  };
}
