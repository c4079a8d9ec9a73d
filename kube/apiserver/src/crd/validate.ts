import { deepEqual, type KubeObject } from '@flux/apimachinery';
import { invalidAt, label1035Problems, subdomainProblems } from '../registry/names.ts';
import { type FieldError, GoStructValue, invalidField, requiredField, unsupportedField } from '../status.ts';
import { type Fields, list } from '../strategies/fields.ts';
import { isEstablishedStatus } from './established.ts';
import { validateCrdSchema } from './validate-schema.ts';
import { validateConversionMembers, validateDeprecation, validateVersionMembers } from './version-rules.ts';

/** The API server's checks of a CustomResourceDefinition. */
export function validateCustomResourceDefinition(crd: KubeObject, old?: KubeObject): FieldError[] {
  const spec = crd['spec'] as Fields;
  const { name } = crd.metadata;
  const errors: FieldError[] = [];
  if (name && name !== `${spec['names']?.plural}.${spec['group']}`) {
    errors.push(invalidField('metadata.name', name, 'must be spec.names.plural+"."+spec.group'));
  }
  errors.push(...validateGroup(crd), ...validateNames(spec), ...validateScope(spec));
  errors.push(...validateVersions(crd, old), ...validateConversion(spec));
  if (spec['preserveUnknownFields']) {
    if (JSON.stringify(spec['versions'] ?? []).includes('"default":')) {
      const detail = 'must be false in order to use defaults in the schema';
      errors.push(invalidField('spec.preserveUnknownFields', true, detail));
    }
    const detail =
      'cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead';
    errors.push(invalidField('spec.preserveUnknownFields', true, detail));
  }
  return errors;
}

const notThere = 'must appear in spec.versions';

function stillStored({ value }: FieldError): string {
  return `missing from spec.versions; ${value} was previously a storage version, and must remain in spec.versions until a storage migration ensures no data remains persisted in ${value} and removes ${value} from status.storedVersions`;
}

export function validateCustomResourceDefinitionUpdate(crd: KubeObject, old: KubeObject): FieldError[] {
  const stored = new Set<string>(old['status']?.storedVersions ?? []);
  const errors = validateCustomResourceDefinition(crd, old)
    .filter(({ field, type }) => field !== 'spec.versions' || type !== 'FieldValueRequired')
    .map((error) =>
      error.detail === notThere && stored.has(String(error.value)) ? { ...error, detail: stillStored(error) } : error,
    );
  const immutable = (field: string, value: unknown, before: unknown) => {
    if (!deepEqual(value, before)) errors.push(invalidField(field, value, 'field is immutable'));
  };
  const { spec } = crd;
  const before = old['spec'];
  const changes: FieldError[] = [];
  if (isEstablishedStatus(old['status'])) {
    immutable('spec.scope', spec.scope, before.scope);
    immutable('spec.names.kind', spec.names.kind, before.names.kind);
  }
  immutable('spec.group', spec.group, before.group);
  immutable('spec.names.plural', spec.names.plural, before.names.plural);
  // A changed group or plural no longer fits the name; one message says enough.
  const identity = errors.some(({ field, detail }) => detail === 'field is immutable' && /group|plural/.test(field));
  return [...changes, ...errors.filter(({ field }) => !(identity && field === 'metadata.name'))];
}

function validateGroup({ spec, metadata }: KubeObject): FieldError[] {
  const group: string = spec.group ?? '';
  if (!group) return [requiredField('spec.group')];
  const errors = invalidAt('spec.group', group, subdomainProblems(group));
  if (errors.length === 0 && !group.includes('.'))
    errors.push(invalidField('spec.group', group, 'should be a domain with at least one dot'));
  const isProtected = /(^|\.)(k8s|kubernetes)\.io$/.test(group);
  const approval = 'api-approved.kubernetes.io';
  const given = metadata.annotations?.[approval];
  if (isProtected && given && !/^(unapproved|[a-z][a-z0-9+.-]*:\/\/[^/])/i.test(given)) {
    const why = `protected groups must have approval annotation ${JSON.stringify(approval)} with either a URL or a reason starting with "unapproved", see https://github.com/kubernetes/enhancements/pull/1111`;
    errors.push(invalidField(`metadata.annotations[${approval}]`, given, why));
  }
  if (isProtected && !given) {
    const detail = `protected groups must have approval annotation ${JSON.stringify(approval)}, see https://github.com/kubernetes/enhancements/pull/1111`;
    errors.push(requiredField(`metadata.annotations[${approval}]`, detail));
  }
  return errors;
}

function validateNames({ names = {} }: Fields): FieldError[] {
  const errors: FieldError[] = [];
  const label = (field: string, value: string) => {
    if (!value) errors.push(requiredField(`spec.names.${field}`));
    else errors.push(...invalidAt(`spec.names.${field}`, value, label1035Problems(value)));
  };
  const kind = (field: string, value: string) => {
    if (!value) errors.push(requiredField(`spec.names.${field}`));
    for (const problem of value ? label1035Problems(value.toLowerCase()) : []) {
      errors.push(
        invalidField(`spec.names.${field}`, value, `may have mixed case, but should otherwise match: ${problem}`),
      );
    }
  };
  label('plural', names.plural);
  if (names.singular) label('singular', names.singular);
  kind('kind', names.kind);
  if (names.listKind) kind('listKind', names.listKind);
  for (const field of ['singular', 'listKind']) if (!names[field]) errors.push(requiredField(`spec.names.${field}`));
  for (const list of ['shortNames', 'categories']) {
    for (const [index, name] of (names[list] ?? []).entries()) {
      errors.push(...invalidAt(`spec.names.${list}[${index}]`, name, label1035Problems(name)));
    }
  }
  if (names.kind && names.kind === names.listKind) {
    errors.push(invalidField('spec.names.listKind', names.listKind, 'kind and listKind may not be the same'));
  }
  return errors;
}

function validateScope({ scope }: Fields): FieldError[] {
  if (!scope) return [requiredField('spec.scope')];
  return ['Cluster', 'Namespaced'].includes(scope)
    ? []
    : [unsupportedField('spec.scope', scope, ['Cluster', 'Namespaced'])];
}

function validateVersions({ spec, status }: KubeObject, old: KubeObject | undefined): FieldError[] {
  const versions = list(spec.versions);
  const storedVersions: string[] = status?.storedVersions ?? [];
  const errors: FieldError[] = [];
  const schemas = versions.map(({ schema }) => schema?.openAPIV3Schema);
  const shared = versions.every(({ schema }) => deepEqual(schema, versions[0]!['schema']));
  const options = (version: Fields | undefined) => ({ isUnchanged: hasSchemaOf(version, old) });
  if (new Set(versions.map(({ name }) => name)).size < versions.length) {
    errors.push(invalidField('spec.versions', shownVersions(versions), 'must contain unique version names'));
  }
  for (const [index, version] of versions.entries()) {
    const at = `spec.versions[${index}]`;
    errors.push(...invalidAt(`${at}.name`, version['name'] ?? '', label1035Problems(version['name'] ?? '')));
    if (!schemas[index]) errors.push(requiredField(`${at}.schema.openAPIV3Schema`));
    else if (!shared)
      errors.push(...validateCrdSchema(schemas[index], `${at}.schema.openAPIV3Schema`, options(version)));
    errors.push(
      ...validateColumns(version, sharedColumns(versions) ? 'spec' : at, index === 0 || !sharedColumns(versions)),
    );
  }
  errors.push(...validateMembers(versions, schemas));
  if (shared && schemas[0])
    errors.push(...validateCrdSchema(schemas[0], 'spec.validation.openAPIV3Schema', options(versions[0])));
  if (versions[0] && label1035Problems(versions[0]['name'] ?? '').length > 0) {
    errors.push(...invalidAt('spec.version', versions[0]['name'], label1035Problems(versions[0]['name'])));
  }
  return [...errors, ...validateStorage(spec.versions, storedVersions)];
}

/** What was stored once is not refused for what its rules cost. */
function hasSchemaOf(version: Fields | undefined, old: KubeObject | undefined): boolean {
  const before = list(old?.['spec']?.versions).find(({ name }) => name === version?.['name']);
  return before !== undefined && deepEqual(before['schema'], version?.['schema']);
}

/** Subresources and selectable fields that all versions share count as the definition's own. */
function validateMembers(versions: readonly Fields[], schemas: readonly (Fields | undefined)[]): FieldError[] {
  const isShared = versions.every(
    ({ subresources, selectableFields }) =>
      deepEqual(subresources, versions[0]!['subresources']) &&
      deepEqual(selectableFields, versions[0]!['selectableFields']),
  );
  return versions.flatMap((version, index) => [
    ...validateDeprecation(version, `spec.versions[${index}]`),
    ...(isShared
      ? index === 0
        ? validateVersionMembers(version, 'spec', schemas[0])
        : []
      : validateVersionMembers(version, `spec.versions[${index}]`, schemas[index])),
  ]);
}

function validateStorage(given: Fields[] | undefined, storedVersions: readonly string[]): FieldError[] {
  const versions = list(given);
  const errors: FieldError[] = [];
  const stored = versions.filter(({ storage }) => storage);
  if (stored.length !== 1) {
    errors.push(
      invalidField(
        'spec.versions',
        given ? shownVersions(versions) : null,
        'must have exactly one version marked as storage version',
      ),
    );
  }
  if (storedVersions.length === 0) {
    errors.push(invalidField('status.storedVersions', null, 'must have at least one stored version'));
  }
  const current = stored[stored.length - 1]?.['name'];
  if (current && storedVersions.length > 0 && !storedVersions.includes(current)) {
    errors.push(invalidField('status.storedVersions', storedVersions, `must have the storage version ${current}`));
  }
  for (const [index, name] of storedVersions.entries()) {
    if (versions.some((version) => version['name'] === name)) continue;
    errors.push(invalidField(`status.storedVersions[${index}]`, name, notThere));
  }
  return errors;
}

/** The versions as Go's internal type prints them in an error. */
function shownVersions(versions: readonly Fields[]): unknown[] {
  return versions.map(
    ({ name, served, storage, deprecated, deprecationWarning }) =>
      new GoStructValue({
        Name: name,
        Served: served ?? false,
        Storage: storage ?? false,
        Deprecated: deprecated ?? false,
        DeprecationWarning: deprecationWarning ?? null,
        Schema: null,
        Subresources: null,
        AdditionalPrinterColumns: null,
        SelectableFields: null,
      }),
  );
}

function sharedColumns(versions: readonly Fields[]): boolean {
  return versions.every(({ additionalPrinterColumns }) =>
    deepEqual(additionalPrinterColumns, versions[0]!['additionalPrinterColumns']),
  );
}

const columnTypes = ['boolean', 'date', 'integer', 'number', 'string'];
const columnFormats = ['byte', 'date', 'date-time', 'double', 'float', 'int32', 'int64', 'password'];

function validateColumns({ additionalPrinterColumns }: Fields, path: string, isFirst: boolean): FieldError[] {
  const errors: FieldError[] = [];
  if (!isFirst) return errors;
  for (const [index, { name, type, format, jsonPath = '' }] of list(additionalPrinterColumns).entries()) {
    const at = `${path}.additionalPrinterColumns[${index}]`;
    if (!name) errors.push(requiredField(`${at}.name`));
    if (!type) errors.push(requiredField(`${at}.type`, `must be one of ${columnTypes.join(',')}`));
    else if (!columnTypes.includes(type))
      errors.push(invalidField(`${at}.type`, type, `must be one of ${columnTypes.join(',')}`));
    if (format && !columnFormats.includes(format))
      errors.push(invalidField(`${at}.format`, format, `must be one of ${columnFormats.join(',')}`));
    if (!jsonPath) errors.push(requiredField(`${at}.JSONPath`));
    else if (!jsonPath.startsWith('.'))
      errors.push(invalidField(`${at}.JSONPath`, jsonPath, 'must be a simple json path starting with .'));
  }
  return errors;
}

function validateConversion({ conversion }: Fields): FieldError[] {
  const { strategy, webhook } = conversion ?? {};
  if (strategy === 'None') return validateConversionMembers(conversion);
  if (strategy !== 'Webhook') return [unsupportedField('spec.conversion.strategy', strategy, ['None', 'Webhook'])];
  const errors: FieldError[] = [];
  if (!webhook?.clientConfig) {
    errors.push(requiredField('spec.conversion.webhookClientConfig', 'required when strategy is set to Webhook'));
  }
  if (!list(webhook?.conversionReviewVersions).length)
    errors.push(requiredField('spec.conversion.conversionReviewVersions'));
  return [...errors, ...validateConversionMembers(conversion)];
}
