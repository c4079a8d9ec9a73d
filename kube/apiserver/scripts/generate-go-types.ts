/**
 * Derives `src/decode/go-types.generated.json` from the Go API modules: per struct the JSON fields with their
 * protobuf numbers, whether a zero value is written, and the type of the value. Run: `node kube/apiserver/scripts/generate-go-types.ts <module root>`, where the
 * root holds `api@v…`, `apimachinery@v…`, `apiextensions-apiserver@v…` and `kube-aggregator@v…` (`go mod download` puts
 * them below `$(go env GOMODCACHE)/k8s.io`).
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

interface GoPackage {
  /** Prefix of the definitions in OpenAPI. */
  prefix: string;
  structs: Map<string, Field[]>;
  aliases: Map<string, string>;
  imports: Map<string, string>;
}

interface Field {
  name: string;
  type: string;
  inline: boolean;
  /** Number in the protobuf message; 0 when the field is not in it. */
  number: number;
  omitEmpty: boolean;
  omitZero: boolean;
}

const [root = ''] = process.argv.slice(2);
const version = 'v0.36.3';
const packages = new Map<string, GoPackage>();

for (const group of readdirSync(join(root, `api@${version}`))) {
  for (const v of ['v1', 'v2']) {
    load(`k8s.io/api/${group}/${v}`, join(root, `api@${version}`, group, v), `io.k8s.api.${group}.${v}`);
  }
}
load(
  'k8s.io/apimachinery/pkg/apis/meta/v1',
  join(root, `apimachinery@${version}/pkg/apis/meta/v1`),
  'io.k8s.apimachinery.pkg.apis.meta.v1',
);
load(
  'k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1',
  join(root, `apiextensions-apiserver@${version}/pkg/apis/apiextensions/v1`),
  'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1',
);
load(
  'k8s.io/kube-aggregator/pkg/apis/apiregistration/v1',
  join(root, `kube-aggregator@${version}/pkg/apis/apiregistration/v1`),
  'io.k8s.kube-aggregator.pkg.apis.apiregistration.v1',
);

function load(path: string, folder: string, prefix: string): void {
  let names: string[];
  try {
    names = readdirSync(folder).filter(
      (name) => /^types.*\.go$|^micro_time|^group_version/.test(name) && !name.endsWith('_test.go'),
    );
  } catch {
    return;
  }
  const pkg: GoPackage = { prefix, structs: new Map(), aliases: new Map(), imports: new Map() };
  for (const name of names) parse(readFileSync(join(folder, name), 'utf8'), pkg);
  packages.set(path, pkg);
}

function parse(text: string, pkg: GoPackage): void {
  for (const [, alias, path] of text.matchAll(/^(?:import)?\s+(?:(\w+) )?"([^"]+)"$/gm)) {
    pkg.imports.set(alias ?? path!.split('/').pop()!, path!);
  }
  let current: Field[] | undefined;
  for (const line of text.split('\n')) {
    const empty = /^type (\w+) struct ?\{\}$/.exec(line);
    if (empty) pkg.structs.set(empty[1]!, []);
    const start = /^type (\w+) struct \{$/.exec(line);
    if (start) {
      current = [];
      pkg.structs.set(start[1]!, current);
      continue;
    }
    if (line === '}') current = undefined;
    const alias =
      /^(?:type |\t)(\w+) (string|bool|int32|int64|int|\[\]\w+|map\[\w+\][\w.[\]]+|[\w.]+)(?: \/\/.*)?$/.exec(line);
    if (alias && !current) pkg.aliases.set(alias[1]!, alias[2]!);
    const field = /^\t(?:(\w+)\s+)?([\w.[\]*]+)\s+`.*?json:"([^"]*)"/.exec(line);
    if (field && current) {
      const [name = '', ...options] = field[3]!.split(',');
      if (name === '-') continue;
      const inline = options.includes('inline') || name === '';
      const number = Number(/protobuf:"[^,"]+,(\d+)/.exec(line)?.[1] ?? 0);
      current.push({
        name,
        type: field[2]!,
        inline,
        number,
        omitEmpty: options.includes('omitempty'),
        omitZero: options.includes('omitzero'),
      });
    }
  }
}

const scalars: Record<string, string> = {
  string: 's',
  bool: 'b',
  int32: 'i',
  int64: 'l',
  int: 'l',
  uint16: 'i',
  uint8: 'i',
  float64: 'f',
  'interface{}': 'x',
};
const special: Record<string, string> = {
  'k8s.io/apimachinery/pkg/util/intstr.IntOrString': 'I',
  'k8s.io/apimachinery/pkg/api/resource.Quantity': 'Q',
  'k8s.io/apimachinery/pkg/runtime.RawExtension': 'x',
  'k8s.io/apimachinery/pkg/types.UID': 's',
  'k8s.io/apimachinery/pkg/types.NamespacedName': 'x',
  'k8s.io/apimachinery/pkg/apis/meta/v1.Time': 'T',
  'k8s.io/apimachinery/pkg/apis/meta/v1.MicroTime': 'M',
  'k8s.io/apimachinery/pkg/apis/meta/v1.Duration': 'D',
  'k8s.io/apimachinery/pkg/apis/meta/v1.FieldsV1': 'x',
  'k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1.JSON': 'x',
  'k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1.JSONSchemaProps': 'J',
  'k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1.JSONSchemaPropsOrBool': 'o',
  'k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1.JSONSchemaPropsOrArray': 'o',
  'k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1.JSONSchemaPropsOrStringArray': 'o',
};

/** Letters: scalars and specials; `*T`, `[]T`, `{}T` (map), `y` bytes, or a definition name. */
function typeOf(type: string, path: string): string {
  if (type === '[]byte') return 'y';
  if (type.startsWith('*')) return `*${typeOf(type.slice(1), path)}`;
  if (type.startsWith('[]')) return `[]${typeOf(type.slice(2), path)}`;
  const map = /^map\[[\w.]+\](.*)$/.exec(type);
  if (map) return `{}${typeOf(map[1]!, path)}`;
  if (scalars[type]) return scalars[type];
  const pkg = packages.get(path);
  const [qualifier, name] = type.includes('.') ? (type.split('.') as [string, string]) : ['', type];
  const target = qualifier ? (pkg?.imports.get(qualifier) ?? qualifier) : path;
  const known = special[`${target}.${name}`];
  if (known) return known;
  const home = packages.get(target);
  if (home?.structs.has(name)) return `${home.prefix}.${name}`;
  const alias = home?.aliases.get(name);
  if (alias) return typeOf(alias, target);
  throw new Error(`${path}: unknown type ${type}`);
}

const output: Record<string, Record<string, string>> = {};

function fieldsOf(path: string, name: string): Record<string, string> {
  const fields: Record<string, string> = {};
  for (const field of packages.get(path)!.structs.get(name) ?? []) {
    if (field.inline) {
      const [qualifier, short] = field.type.includes('.')
        ? (field.type.replace('*', '').split('.') as [string, string])
        : ['', field.type.replace('*', '')];
      const target = qualifier ? packages.get(path)!.imports.get(qualifier)! : path;
      // In JSON the members of an embedded struct are the outer one's; in protobuf it is a message of its own.
      for (const [member, code] of Object.entries(fieldsOf(target, short))) {
        if (!member.startsWith('+')) fields[member] = code.replace(/^\d+/, '');
      }
      const home = packages.get(target)!;
      if (field.number > 0) fields[`+${field.number}`] = `${home.prefix}.${short}`;
      continue;
    }
    fields[field.name] =
      (field.number || '') + (field.omitZero ? '~' : field.omitEmpty ? '' : '!') + typeOf(field.type, path);
  }
  return fields;
}

const skipped = new Set([
  'Time',
  'MicroTime',
  'Duration',
  'FieldsV1',
  'JSON',
  'JSONSchemaProps',
  'JSONSchemaPropsOrBool',
  'JSONSchemaPropsOrArray',
  'JSONSchemaPropsOrStringArray',
  'Verbs',
]);
for (const [path, pkg] of packages) {
  for (const name of pkg.structs.keys()) {
    if (
      skipped.has(name) ||
      (/List$/.test(name) &&
        !/^(NodeSelector|Table)/.test(name) &&
        pkg.structs.get(name)!.some((f) => f.name === 'items' && f.type !== '[]KeyToPath'))
    )
      continue;
    try {
      output[`${pkg.prefix}.${name}`] = fieldsOf(path, name);
    } catch (error) {
      process.stderr.write(`${path}.${name}: ${String(error)}\n`);
    }
  }
}
const schemaProps = fieldsOf('k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1', 'JSONSchemaProps');
output['io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps'] = schemaProps;

const lines = Object.keys(output)
  .sort()
  .map((name) => `${JSON.stringify(name)}:${JSON.stringify(output[name])}`);
writeFileSync(new URL('../src/decode/go-types.generated.json', import.meta.url), `{\n${lines.join(',\n')}\n}\n`);
