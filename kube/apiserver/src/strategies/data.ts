import { deepEqual } from '@flux/apimachinery';
import { invalidAt } from '../registry/names.ts';
import type { Strategy } from '../registry/resource.ts';
import { type FieldError, forbiddenField, invalidField, requiredField, tooLongField } from '../status.ts';
import { describeJsonError } from '../storage/json.ts';
import type { Fields } from './fields.ts';

const keyPattern = /^[-._a-zA-Z0-9]+$/;

function validateKeys(maps: Record<string, Fields | undefined>): FieldError[] {
  const errors: FieldError[] = [];
  for (const [field, map] of Object.entries(maps)) {
    for (const key of Object.keys(map ?? {})) {
      errors.push(...invalidAt(`${field}[${key}]`, key, keyProblems(key)));
      if (field === 'data' && Object.hasOwn(maps['binaryData'] ?? {}, key)) {
        errors.push(invalidField(`${field}[${key}]`, key, 'duplicate of key present in binaryData'));
      }
    }
  }
  return errors;
}

function keyProblems(key: string): string[] {
  const problems = key.length > 253 ? ['must be no more than 253 characters'] : [];
  if (!keyPattern.test(key)) problems.push(keyRule);
  if (key === '.' || key === '..') problems.push(`must not be '${key}'`);
  else if (key.startsWith('..')) problems.push("must not start with '..'");
  return problems;
}

const keyRule =
  "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')";

const maxDataBytes = 1024 * 1024;

function validateSize(size: number, path: string): FieldError[] {
  return size > maxDataBytes ? [tooLongField(path, maxDataBytes)] : [];
}

function immutableData(object: Fields, old: Fields, fields: readonly string[]): FieldError[] {
  if (!old['immutable']) return [];
  const errors: FieldError[] = [];
  if (!object['immutable']) errors.push(forbiddenField('immutable', 'field is immutable when `immutable` is set'));
  for (const field of fields) {
    if (!deepEqual(object[field], old[field]))
      errors.push(forbiddenField(field, 'field is immutable when `immutable` is set'));
  }
  return errors;
}

export const configMap: Strategy = {
  validatesMetadataAgain: true,
  validate({ data, binaryData }) {
    const texts = Object.values<string>(data ?? {}).reduce((sum, value) => sum + Buffer.byteLength(value), 0);
    const bytes = Object.values<string>(binaryData ?? {}).reduce((sum, value) => sum + (value.length * 3) / 4, 0);
    return [...validateKeys({ data, binaryData }), ...validateSize(texts + bytes, '[]')]; // Go's path of no name
  },
  validateUpdate(object, old, context) {
    return [...immutableData(object, old, ['data', 'binaryData']), ...configMap.validate!(object, context)];
  },
};

const requiredKeys: Record<string, string[]> = {
  'kubernetes.io/dockercfg': ['.dockercfg'],
  'kubernetes.io/dockerconfigjson': ['.dockerconfigjson'],
  'kubernetes.io/ssh-auth': ['ssh-privatekey'],
  'kubernetes.io/tls': ['tls.crt', 'tls.key'],
};

export const secret: Strategy = {
  validatesMetadataAgain: true,
  setDefaults(object) {
    if (!object['type']) object['type'] = 'Opaque';
    const { stringData } = object;
    if (!stringData) return;
    const data: Fields = { ...object['data'] };
    for (const [key, value] of Object.entries<string>(stringData)) data[key] = Buffer.from(value).toString('base64');
    object['data'] = data;
    delete object['stringData'];
  },
  validate: (object) => validateSecret(object),
  validateUpdate(object, old) {
    const errors = validateSecret(object);
    if (object['type'] !== old['type']) errors.unshift(invalidField('type', object['type'], 'field is immutable'));
    return [...errors, ...immutableData(object, old, ['data'])];
  },
  warnings: (object) => tlsWarnings(object),
  selectableFields: ({ type }) => ({ type: type ?? '' }),
};

/** What Go's tls.X509KeyPair would complain of first. */
function tlsWarnings({ type, data }: Fields): string[] {
  if (type !== 'kubernetes.io/tls') return [];
  const pem = (key: string) =>
    /-----BEGIN [^-]+-----/.test(Buffer.from(data?.[key] ?? '', 'base64').toString('latin1'));
  if (!pem('tls.crt')) return ['tls: failed to find any PEM data in certificate input'];
  return pem('tls.key') ? [] : ['tls: failed to find any PEM data in key input'];
}

function validateSecret({ data, type, metadata }: Fields): FieldError[] {
  const size = Object.values<string>(data ?? {}).reduce((sum, value) => sum + (value.length * 3) / 4, 0);
  const errors = [...validateKeys({ data }), ...validateSize(size, 'data')];
  if (type === 'kubernetes.io/service-account-token' && !metadata.annotations?.['kubernetes.io/service-account.name']) {
    errors.push(requiredField('metadata.annotations[kubernetes.io/service-account.name]'));
  }
  if (type === 'kubernetes.io/basic-auth' && data?.username === undefined && data?.password === undefined) {
    errors.push(requiredField('data[username]'), requiredField('data[password]'));
  }
  for (const key of requiredKeys[type] ?? []) {
    const value = data?.[key];
    if (value === undefined || (value === '' && type !== 'kubernetes.io/tls'))
      errors.push(requiredField(`data[${key}]`));
    else if (key.startsWith('.docker')) errors.push(...validateJsonObject(value, `data[${key}]`));
  }
  return errors;
}

function validateJsonObject(base64: string, path: string): FieldError[] {
  const problem = objectProblem(Buffer.from(base64, 'base64').toString('utf8'));
  return problem === undefined ? [] : [invalidField(path, '<secret contents redacted>', problem)];
}

function objectProblem(text: string): string | undefined {
  try {
    return notAnObject(JSON.parse(text));
  } catch (error) {
    return describeJsonError(text, error);
  }
}

function notAnObject(value: unknown): string | undefined {
  if (typeof value === 'object' && !Array.isArray(value)) return undefined;
  const kind = Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value;
  return `json: cannot unmarshal ${kind} into Go value of type map[string]interface {}`;
}
