import { internalForm } from '@flux/builtin';
import { nanoOf } from '../decode/scalars.ts';
import { qualifiedNameProblems } from '../registry/names.ts';
import { type FieldError, invalidField, requiredField } from '../status.ts';
import { type Fields, list } from './fields.ts';

const variableName = /^[\x20-\x3c\x3e-\x7e]+$/;
const variableRule = "a valid environment variable name must consist only of printable ASCII characters other than '='";

/** Environment variables and where they come from. */
export function validateEnv(container: Fields, path: string): FieldError[] {
  const errors: FieldError[] = [];
  for (const [index, { name, value, valueFrom }] of list(container['env']).entries()) {
    const at = `${path}.env[${index}]`;
    if (!name) errors.push(requiredField(`${at}.name`));
    else if (!variableName.test(name)) errors.push(invalidField(`${at}.name`, name, variableRule));
    if (valueFrom) errors.push(...validateValueFrom(valueFrom, value, `${at}.valueFrom`));
  }
  return [...errors, ...validateEnvFrom(container, path)];
}

function validateValueFrom(valueFrom: Fields, value: unknown, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const sources = Object.keys(valueFrom);
  if (sources.length === 0) {
    const detail =
      'must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`';
    errors.push(invalidField(path, '', detail));
  }
  for (const name of ['configMapKeyRef', 'secretKeyRef']) {
    const source = valueFrom[name];
    if (!source) continue;
    if (!source.name) errors.push(requiredField(`${path}.${name}.name`));
    if (!source.key) errors.push(requiredField(`${path}.${name}.key`));
  }
  const { fieldPath = '' } = valueFrom['fieldRef'] ?? {};
  if (valueFrom['fieldRef'] && !/^(?:metadata|spec|status)\./.test(fieldPath)) {
    const why = `error converting fieldPath: field label not supported: ${fieldPath}`;
    errors.push(
      fieldPath === ''
        ? requiredField(`${path}.fieldRef.fieldPath`)
        : invalidField(`${path}.fieldRef.fieldPath`, fieldPath, why),
    );
  }
  if (value) errors.push(invalidField(path, '', 'may not be specified when `value` is not empty'));
  if (sources.length > 1) {
    errors.push(invalidField(path, '', 'may not have more than one field specified at a time'));
  }
  return errors;
}

function validateEnvFrom({ envFrom }: Fields, path: string): FieldError[] {
  const errors: FieldError[] = [];
  for (const [index, { prefix, configMapRef, secretRef }] of list(envFrom).entries()) {
    const at = `${path}.envFrom[${index}]`;
    if (prefix && !variableName.test(prefix)) errors.push(invalidField(`${at}.prefix`, prefix, variableRule));
    if (configMapRef && !configMapRef.name) errors.push(requiredField(`${at}.configMapRef.name`));
    if (secretRef && !secretRef.name) errors.push(requiredField(`${at}.secretRef.name`));
    if (!configMapRef && !secretRef) {
      errors.push(invalidField(`${path}.envFrom`, '', 'must specify one of: `configMapRef` or `secretRef`'));
    } else if (configMapRef && secretRef) {
      const why = 'may not have more than one field specified at a time';
      errors.push(invalidField(`${path}.envFrom`, '', why));
    }
  }
  return errors;
}

const standardResources = /^(?:cpu|memory|ephemeral-storage|hugepages-.+)$/;

export function validateResources(resources: Fields, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const { limits = {}, requests = {} } = resources;
  for (const [group, amounts] of Object.entries({ limits, requests })) {
    for (const [name, amount] of Object.entries<string>(amounts)) {
      errors.push(...validateAmount(name, amount, `${path}.${group}[${name}]`));
      if (group === 'requests' && name.includes('/') && limits[name] === undefined) {
        errors.push(requiredField(`${path}.limits`, 'Limit must be set for non overcommitable resources'));
      }
    }
  }
  for (const [name, request] of Object.entries<string>(requests)) {
    const limit = limits[name];
    if (limit === undefined) continue;
    if (nanoOf(request) > nanoOf(limit)) {
      errors.push(invalidField(`${path}.requests`, request, `must be less than or equal to ${name} limit of ${limit}`));
    }
  }
  return errors;
}

function validateAmount(name: string, amount: string, path: string): FieldError[] {
  const errors = qualifiedNameProblems(name).map((problem) => invalidField(path, name, problem));
  if (!name.includes('/') && !standardResources.test(name)) {
    errors.push(
      invalidField(path, name, 'must be a standard resource type or fully qualified'),
      invalidField(path, name, 'must be a standard resource for containers'),
    );
    return errors;
  }
  const nano = nanoOf(amount);
  if (nano < 0n) errors.push(invalidField(path, amount, 'must be greater than or equal to 0'));
  if (name.includes('/') && nano % 1_000_000_000n !== 0n) {
    errors.push(invalidField(path, amount, 'must be an integer'));
  }
  return errors;
}

export function validateSecurityContext(context: Fields, path: string): FieldError[] {
  const errors = validateUsers(context, path);
  if (context['privileged'] === true && context['allowPrivilegeEscalation'] === false) {
    const shown = internalForm('SecurityContext', context);
    errors.push(invalidField(path, shown, 'cannot set `allowPrivilegeEscalation` to false and `privileged` to true'));
  }
  return errors;
}

/** Users and groups, of a container or of the whole pod. */
export function validateUsers(context: Fields, path: string): FieldError[] {
  const rule = 'must be between 0 and 2147483647, inclusive';
  const isFine = (value: unknown) => typeof value !== 'number' || (value >= 0 && value <= 2_147_483_647);
  return [
    ...['fsGroup', 'runAsUser', 'runAsGroup']
      .filter((name) => !isFine(context[name]))
      .map((name) => invalidField(`${path}.${name}`, context[name], rule)),
    ...list(context['supplementalGroups']).flatMap((group: unknown, index) =>
      isFine(group) ? [] : [invalidField(`${path}.supplementalGroups[${index}]`, group, rule)],
    ),
  ];
}
