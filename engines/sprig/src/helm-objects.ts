import { fn, GoInt, type GoMap, GoStruct, isGoMap, quote, withGoType } from '@flux/gotemplate';
import { formatYaml } from '@flux/yaml';
import { toPlain } from './json.ts';

interface CapabilitiesOptions {
  kubeVersion: {
    version: string;
    /** What printing the version shows: without what follows the numbers. */
    normalized: string;
    major: string;
    minor: string;
  };
  apiVersions: readonly string[];
  helmVersion: string;
  kubeClientVersion: string;
  goVersion?: string;
}

/** `.Capabilities` of Helm. */
export function helmCapabilities(options: CapabilitiesOptions): GoStruct {
  const { version, normalized, major, minor } = options.kubeVersion;
  const apiVersions = withGoType([...options.apiVersions], {
    name: 'common.VersionSet',
    methods: { Has: fn('string', (name: string) => options.apiVersions.includes(name)) },
  });
  const kubeVersion = new GoStruct('common.KubeVersion', {
    fields: { Version: version, normalizedVersion: normalized, Major: major, Minor: minor },
    methods: { String: fn('', () => normalized), GitVersion: fn('', () => version) },
    // The method needs an address, which only a direct print of the field has (TPL-FN-01).
    printText: () => normalized,
  });
  const buildInfo = {
    Version: options.helmVersion,
    GitCommit: '',
    GitTreeState: '',
    GoVersion: options.goVersion ?? '',
    KubeClientVersion: options.kubeClientVersion,
  };
  const jsonNames = { Version: 'version', GoVersion: 'go_version', KubeClientVersion: 'kube_client_version' };
  const helmVersion = new GoStruct('version.BuildInfo', {
    fields: buildInfo,
    // What is empty is left out.
    json: () => {
      const { Version, GoVersion, KubeClientVersion } = buildInfo;
      return new GoStruct('version.BuildInfo', { fields: { Version, GoVersion, KubeClientVersion }, jsonNames });
    },
  });
  return new GoStruct('common.Capabilities', {
    pointer: true,
    fields: { KubeVersion: kubeVersion, APIVersions: apiVersions, HelmVersion: helmVersion },
  });
}

interface ReleaseOptions {
  name: string;
  namespace: string;
  revision: number;
  isInstall: boolean;
}

/** `.Release` of Helm. */
export function helmRelease({ name, namespace, revision, isInstall }: ReleaseOptions): GoMap {
  return {
    Name: name,
    Namespace: namespace,
    Revision: new GoInt(revision),
    IsInstall: isInstall,
    IsUpgrade: !isInstall,
    Service: 'Helm',
  };
}

/** Marks a map as Helm's own type of values, which `typeOf` shows. */
export function helmValues(values: GoMap): GoMap {
  return withGoType(values, {
    name: 'common.Values',
    methods: {
      AsMap: fn('', () => ({ ...values })),
      Table: fn('string', (path: string) => helmValues(tableAt(values, path.split('.')))),
      PathValue: fn('string', (path: string) => valueAt(values, path)),
      YAML: fn('', () => formatYaml(toPlain(values))),
    },
  });
}

function tableAt(values: GoMap, path: readonly string[]): GoMap {
  let table = values;
  for (const name of path) {
    const next = Object.hasOwn(table, name) ? table[name] : undefined;
    if (!isGoMap(next)) throw new TypeError(`${quote(name)} is not a table`);
    table = next;
  }
  return table;
}

function valueAt(values: GoMap, path: string): unknown {
  const names = path.split('.');
  const last = names.pop() ?? '';
  const table = tableAt(values, names);
  const value = Object.hasOwn(table, last) ? table[last] : undefined;
  if (path === '' || value === undefined || isGoMap(value)) throw new TypeError(`${quote(last)} is not a value`);
  return value;
}

const textFields = [
  'Name',
  'Home',
  'Version',
  'Description',
  'Icon',
  'APIVersion',
  'Condition',
  'Tags',
  'AppVersion',
  'KubeVersion',
  'Type',
];
const lists: readonly (readonly [string, readonly string[]])[] = [
  ['Maintainers', ['Name', 'Email', 'URL']],
  ['Dependencies', ['Name', 'Version', 'Repository', 'Condition', 'Tags', 'Enabled', 'ImportValues', 'Alias']],
];

function yamlName(field: string): string {
  if (field === 'APIVersion') return 'apiVersion';
  if (field === 'URL') return 'url';
  if (field === 'ImportValues') return 'import-values';
  return `${field[0]?.toLowerCase()}${field.slice(1)}`;
}

/** `.Chart` of Helm 4: the fields of Chart.yaml under their Go names. */
export function helmChart(metadata: GoMap, isRoot: boolean): GoMap {
  const text = (from: GoMap, field: string) => {
    const value = from[yamlName(field)];
    return typeof value === 'string' ? value : '';
  };
  const list = (key: string) => (Array.isArray(metadata[key]) ? [...metadata[key]] : []);
  const chart: GoMap = {
    IsRoot: isRoot,
    Deprecated: metadata['deprecated'] === true,
    Sources: list('sources'),
    Keywords: list('keywords'),
  };
  for (const field of textFields) chart[field] = text(metadata, field);
  const annotations =
    typeof metadata['annotations'] === 'object' && metadata['annotations'] !== null ? metadata['annotations'] : {};
  chart['Annotations'] = withGoType({ ...annotations }, { name: 'map[string]string', zero: '' });
  for (const [name, fields] of lists) {
    chart[name] = list(yamlName(name)).map((item: unknown) => {
      const from = typeof item === 'object' && item !== null ? { ...item } : {};
      return Object.fromEntries(fields.map((field) => [field, otherField(field, from) ?? text(from, field)]));
    });
  }
  return chart;
}

function otherField(field: string, from: GoMap): unknown {
  if (field === 'Enabled') return from['enabled'] === true;
  if (field !== 'Tags' && field !== 'ImportValues') return undefined;
  const value = from[yamlName(field)];
  return Array.isArray(value) ? value : [];
}
