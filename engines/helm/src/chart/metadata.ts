import { quote } from '@flux/gotemplate';
import { isVersion } from '@flux/semver';
import type { ChartDependency, ChartLock, ChartMetadata } from './chart.ts';
import { ChartError } from './chart-error.ts';
import { cleanText } from './clean-text.ts';
import { decodeYaml, type GoType } from './decode.ts';

const dependency: GoType = {
  name: 'v2.Dependency',
  struct: {
    name: 'string',
    version: 'string',
    repository: 'string',
    condition: 'string',
    tags: { list: 'string', name: '[]string' },
    enabled: 'bool',
    'import-values': { list: 'any', name: '[]interface {}' },
    alias: 'string',
  },
};
const dependencies: GoType = { list: dependency, name: '[]*v2.Dependency' };
const maintainer: GoType = { name: 'v2.Maintainer', struct: { name: 'string', email: 'string', url: 'string' } };

/** In the order of Go's struct, which is that of the JSON of releases. */
const metadata: GoType = {
  name: 'v2.Metadata',
  struct: {
    name: 'string',
    home: 'string',
    sources: { list: 'string', name: '[]string' },
    version: 'string',
    description: 'string',
    keywords: { list: 'string', name: '[]string' },
    maintainers: { list: maintainer, name: '[]*v2.Maintainer' },
    icon: 'string',
    apiVersion: 'string',
    condition: 'string',
    tags: 'string',
    appVersion: 'string',
    deprecated: 'bool',
    annotations: { map: 'string', name: 'map[string]string' },
    kubeVersion: 'string',
    dependencies,
    type: 'string',
  },
};
const lock: GoType = { name: 'v2.Lock', struct: { generated: 'time', digest: 'string', dependencies } };

const fieldOrder = Object.keys(metadata.struct);

/** Reads Chart.yaml, and requirements.yaml over it; text fields are there, if only empty (HELM-LOAD-02, -03). */
export function readMetadata(text: string, base: Partial<ChartMetadata> = {}): ChartMetadata {
  const read = decodeYaml(text, metadata) as Partial<ChartMetadata> | null;
  const merged: Record<string, unknown> = { ...base, ...read };
  merged['name'] ??= '';
  merged['version'] ??= '';
  if (!merged['apiVersion']) merged['apiVersion'] = 'v1';
  const ordered = fieldOrder.filter((field) => merged[field] !== undefined).map((field) => [field, merged[field]]);
  return Object.fromEntries(ordered) as ChartMetadata;
}

/** Reads Chart.lock or requirements.lock. */
export function readLock(text: string): ChartLock {
  const read = decodeYaml(text, lock) as Partial<ChartLock> | null;
  return { generated: '', digest: '', dependencies: [], ...read };
}

/** Checks what Helm checks on loading and returns the metadata with spaces and characters that do not print cleaned (HELM-LOAD-03). */
export function validateMetadata(given: ChartMetadata): ChartMetadata {
  const clean = cleanMetadata(given);
  const { apiVersion, name, version, type = '' } = clean;
  if (apiVersion === '') throw invalid('chart.metadata.apiVersion is required');
  if (name === '') throw invalid('chart.metadata.name is required');
  if (name === '.' || name === '..') throw invalid(`chart.metadata.name ${quote(name)} is not allowed`);
  if (name.includes('/')) throw invalid(`chart.metadata.name ${quote(name)} is invalid`);
  if (version === '') throw invalid('chart.metadata.version is required');
  if (!isVersion(version)) throw invalid(`chart.metadata.version ${quote(version)} is invalid`);
  if (!['', 'application', 'library'].includes(type)) {
    throw invalid('chart.metadata.type must be application or library');
  }
  validateDependencies(clean.dependencies ?? []);
  return clean;
}

function validateDependencies(dependencies: readonly ChartDependency[]): void {
  const seen = new Set<string>();
  for (const { name, alias } of dependencies) {
    if (alias !== undefined && alias !== '' && !/^[a-zA-Z0-9_-]+$/.test(alias)) {
      throw invalid(`dependency ${quote(name)} has disallowed characters in the alias`);
    }
    const key = alias || name;
    if (seen.has(key)) throw invalid(`more than one dependency with name or alias ${quote(key)}`);
    seen.add(key);
  }
}

function invalid(message: string): ChartError {
  return new ChartError(`validation: ${message}`);
}

const cleanedFields = new Set([
  'name',
  'description',
  'home',
  'icon',
  'condition',
  'tags',
  'appVersion',
  'kubeVersion',
  'sources',
  'keywords',
]);

function cleanMetadata(given: ChartMetadata): ChartMetadata {
  const clean: ChartMetadata = mapFields(given, (field, value) => (cleanedFields.has(field) ? cleaned(value) : value));
  if (given.maintainers) {
    if (given.maintainers.includes(null as never)) throw emptyNodes('maintainers');
    clean.maintainers = given.maintainers.map((item) => mapFields(item, (_field, value) => cleaned(value)));
  }
  if (given.dependencies) {
    if (given.dependencies.includes(null as never)) throw emptyNodes('dependencies');
    const isKept = (field: string) => field === 'alias' || field === 'enabled' || field === 'import-values';
    clean.dependencies = given.dependencies.map((item) =>
      mapFields({ ...item, name: item.name ?? '' }, (field, value) => (isKept(field) ? value : cleaned(value))),
    );
  }
  return clean;
}

function emptyNodes(field: string): ChartError {
  return invalid(`${field} must not contain empty or null nodes`);
}

function mapFields<T extends object>(from: T, map: (field: string, value: unknown) => unknown): T {
  return Object.fromEntries(Object.entries(from).map(([field, value]) => [field, map(field, value)])) as T;
}

function cleaned(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(cleaned);
  return typeof value === 'string' ? cleanText(value) : value;
}
