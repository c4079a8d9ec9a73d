import type { ChartMetadata, Hook, Release, ReleaseInfo } from '@flux/helm';
import { formatJson } from '@flux/yaml';

/** Hooks that run a test are left out of digests: `helm test` by hand changes nothing (HELM-STAT-03). */
export function isTestHook(hook: Hook): boolean {
  return hook.events.includes('test');
}

/**
 * What a snapshot's digest covers, as one line of Go's JSON: keys of structs in their order, of maps sorted, empty members
 * left out where Helm's types say so (HELM-STAT-03).
 */
export function formatObservation(release: Release, ociDigest?: string): string {
  const hooks = release.hooks.filter((hook) => !isTestHook(hook));
  const hasConfig = release.config !== undefined && Object.keys(release.config).length > 0;
  const members: Member[] = [
    ['name', text(release.name)],
    ['version', String(release.version)],
    ['info', formatInfo(release.info)],
    ['chartMetadata', formatMetadata(release.chart.metadata)],
    ['config', hasConfig ? json(release.config) : 'null'],
    ['manifest', text(release.manifest)],
    ['hooks', hooks.length === 0 ? 'null' : `[${hooks.map(formatHook).join(',')}]`],
    ['namespace', text(release.namespace)],
    ['ociDigest', ociDigest ? text(ociDigest) : undefined],
  ];
  return `${struct(members)}\n`;
}

/** Name and JSON of a member; without JSON it is left out. */
type Member = [name: string, json: string | undefined];

function struct(members: readonly Member[]): string {
  const present = members.filter(([, value]) => value !== undefined);
  return `{${present.map(([name, value]) => `"${name}":${value}`).join(',')}}`;
}

function json(value: unknown): string {
  return formatJson(value, { escapeHtml: true, sortKeys: true });
}

function text(value: string): string {
  return json(value);
}

function optional(value: unknown): string | undefined {
  if (value === undefined || value === null || value === '' || value === 0 || value === false) return undefined;
  if (Array.isArray(value) && value.length === 0) return undefined;
  if (typeof value === 'object' && Object.keys(value).length === 0) return undefined;
  return json(value);
}

function formatInfo(info: ReleaseInfo): string {
  return struct([
    ['first_deployed', optional(trimTime(info.first_deployed))],
    ['last_deployed', optional(trimTime(info.last_deployed))],
    ['deleted', optional(trimTime(info.deleted))],
    ['description', optional(info.description)],
    ['status', optional(info.status)],
    ['notes', optional(info.notes)],
  ]);
}

/** Trailing zeros of fractions go, as Go prints times; a zero time counts as none. */
export function trimTime(time: string | undefined): string | undefined {
  if (time === undefined || time === '' || time.startsWith('0001-01-01T00:00:00')) return undefined;
  return time.replace(/\.(\d*?)0*(Z|[+-]\d\d:\d\d)$/, (_, digits: string, zone: string) =>
    digits === '' ? zone : `.${digits}${zone}`,
  );
}

function formatMetadata(metadata: ChartMetadata): string {
  return struct([
    ['name', optional(metadata.name)],
    ['home', optional(metadata.home)],
    ['sources', optional(metadata.sources)],
    ['version', optional(metadata.version)],
    ['description', optional(metadata.description)],
    ['keywords', optional(metadata.keywords)],
    ['maintainers', formatList(metadata.maintainers, formatMaintainer)],
    ['icon', optional(metadata.icon)],
    ['apiVersion', optional(metadata.apiVersion)],
    ['condition', optional(metadata.condition)],
    ['tags', optional(metadata.tags)],
    ['appVersion', optional(metadata.appVersion)],
    ['deprecated', optional(metadata.deprecated)],
    ['annotations', optional(metadata.annotations)],
    ['kubeVersion', optional(metadata.kubeVersion)],
    ['dependencies', formatList(metadata.dependencies, formatDependency)],
    ['type', optional(metadata.type)],
  ]);
}

function formatList<T>(items: readonly T[] | undefined, format: (item: T) => string): string | undefined {
  return items && items.length > 0 ? `[${items.map(format).join(',')}]` : undefined;
}

function formatMaintainer({ name, email, url }: NonNullable<ChartMetadata['maintainers']>[number]): string {
  return struct([
    ['name', optional(name)],
    ['email', optional(email)],
    ['url', optional(url)],
  ]);
}

function formatDependency(dependency: NonNullable<ChartMetadata['dependencies']>[number]): string {
  return struct([
    ['name', json(dependency.name)],
    ['version', optional(dependency.version)],
    ['repository', json(dependency.repository ?? '')],
    ['condition', optional(dependency.condition)],
    ['tags', optional(dependency.tags)],
    ['enabled', optional(dependency.enabled)],
    ['import-values', optional(dependency['import-values'])],
    ['alias', optional(dependency.alias)],
  ]);
}

function formatHook(hook: Hook): string {
  return struct([
    ['name', optional(hook.name)],
    ['kind', optional(hook.kind)],
    ['path', optional(hook.path)],
    ['manifest', optional(hook.manifest)],
    ['events', optional(hook.events)],
    [
      'last_run',
      struct([
        ['started_at', optional(trimTime(hook.last_run.started_at))],
        ['completed_at', optional(trimTime(hook.last_run.completed_at))],
        ['phase', text(hook.last_run.phase)],
      ]),
    ],
    ['weight', optional(hook.weight)],
    ['delete_policies', optional(hook.delete_policies)],
    ['output_log_policies', optional(hook.output_log_policies)],
  ]);
}
