import { UsageError } from '../command/errors.ts';

const namePattern = /^[a-z0-9]([a-z0-9-]){0,61}[a-z0-9]$/;
const labelName = /^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
const labelPrefix = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/** The name to create; flux never accepted names of one letter (spec cli 9). */
export function requireName([name]: readonly string[]): string {
  if (!name) throw new UsageError('name is required');
  if (!namePattern.test(name)) {
    throw new UsageError(
      `name '${name}' is invalid, it should adhere to standard defined in RFC 1123, the name can only contain alphanumeric characters or '-'`,
    );
  }
  return name;
}

export function parseLabels(labels: readonly string[]): Record<string, string> {
  return Object.fromEntries(labels.map(parseLabel));
}

function parseLabel(text: string): [string, string] {
  const parts = text.split('=');
  const [key = '', value = ''] = parts;
  if (parts.length !== 2) throw new UsageError(`invalid label format '${text}', must be key=value`);
  const [prefix, name] = key.includes('/')
    ? [key.slice(0, key.indexOf('/')), key.slice(key.indexOf('/') + 1)]
    : ['', key];
  if (!labelName.test(name) || (prefix !== '' && !labelPrefix.test(prefix))) {
    throw new UsageError(`invalid label '${key}': not a qualified name`);
  }
  if (value !== '' && !labelName.test(value)) throw new UsageError(`invalid label value '${value}'`);
  return [key, value];
}

/** `Kind/name.namespace`, of which kind and namespace can be left out. */
export function parseObjectName(text: string): { kind?: string; name: string; namespace?: string } {
  const slash = text.indexOf('/');
  const kind = slash < 0 ? '' : text.slice(0, slash);
  const rest = slash < 0 ? text : text.slice(slash + 1);
  const dot = rest.lastIndexOf('.');
  const [name, namespace] = dot < 0 ? [rest, ''] : [rest.slice(0, dot), rest.slice(dot + 1)];
  return { name, ...(kind ? { kind } : {}), ...(namespace ? { namespace } : {}) };
}
