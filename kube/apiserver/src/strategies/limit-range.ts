import { aggregateMessages, type KubeObject } from '@flux/apimachinery';
import { nanoOf } from '../decode/scalars.ts';
import type { Strategy, StrategyContext } from '../registry/resource.ts';
import { duplicateField, type FieldError, forbidden, forbiddenField, invalidField } from '../status.ts';
import { type Fields, list, setDefault } from './fields.ts';

export const limitRange: Strategy = {
  setDefaults({ spec }) {
    for (const limit of list(spec?.limits)) {
      if (limit['type'] !== 'Container') continue;
      for (const [name, value] of Object.entries(limit['max'] ?? {})) {
        limit['default'] ??= {};
        setDefault(limit['default'], name, value);
      }
      for (const [name, value] of Object.entries({ ...limit['min'], ...limit['default'] })) {
        limit['defaultRequest'] ??= {};
        setDefault(limit['defaultRequest'], name, limit['default']?.[name] ?? value);
      }
    }
  },
  validate: ({ spec }) => validateLimits(list(spec?.limits)),
};

function validateLimits(limits: Fields[]): FieldError[] {
  const seen = new Set<string>();
  return limits.flatMap((limit, index) => {
    const at = `spec.limits[${index}]`;
    const errors = seen.has(limit['type']) ? [duplicateField(`${at}.type`, limit['type'])] : [];
    seen.add(limit['type']);
    if (limit['type'] === 'Pod') {
      const given = ['default', 'defaultRequest'].filter((name) => Object.keys(limit[name] ?? {}).length > 0);
      const why = "may not be specified when `type` is 'Pod'";
      return [...errors, ...given.map((name) => forbiddenField(`${at}.${name}`, why))];
    }
    return [...errors, ...orderProblems(limit, at)];
  });
}

/** min ≤ default request ≤ default ≤ max, for each resource; the API server shows the other value in the last of them. */
function orderProblems({ min, max, default: standard, defaultRequest }: Fields, path: string): FieldError[] {
  const errors: FieldError[] = [];
  for (const name of new Set([min, max, standard, defaultRequest].flatMap((amounts) => Object.keys(amounts ?? {})))) {
    const [low, high, limit, request] = [min?.[name], max?.[name], standard?.[name], defaultRequest?.[name]];
    const check = (field: string, shown: string, [a, what]: Bound, [b, than]: Bound) => {
      if (a === undefined || b === undefined || nanoOf(a) <= nanoOf(b)) return;
      errors.push(
        invalidField(`${path}.${field}[${name}]`, shown, `${what} value ${a} is greater than ${than} value ${b}`),
      );
    };
    check('min', low, [low, 'min'], [high, 'max']);
    check('defaultRequest', request, [low, 'min'], [request, 'default request']);
    check('defaultRequest', request, [request, 'default request'], [high, 'max']);
    check('defaultRequest', request, [request, 'default request'], [limit, 'default limit']);
    check('default', low, [low, 'min'], [limit, 'default']);
    check('default', high, [limit, 'default'], [high, 'max']);
  }
  return errors;
}

type Bound = readonly [amount: string | undefined, name: string];

/** Admission plugin LimitRanger for containers: missing requests and limits are filled in, then the bounds are checked. */
export function applyLimitRanges(object: KubeObject, { api, resource }: StrategyContext): void {
  const problems: string[] = [];
  const filled: string[] = [];
  for (const range of api.list('', 'limitranges', object.metadata.namespace)) {
    for (const limit of list(range['spec']?.limits)) {
      if (limit['type'] !== 'Container') continue;
      for (const container of [...list(object['spec'].initContainers), ...list(object['spec'].containers)]) {
        filled.push(...fill(container, limit));
        problems.push(...check(container, limit));
      }
    }
  }
  if (filled.length > 0) {
    const annotations = { 'kubernetes.io/limit-ranger': `LimitRanger plugin set: ${filled.join('; ')}` };
    object.metadata.annotations = { ...object.metadata.annotations, ...annotations };
  }
  if (problems.length === 0) return;
  const text = aggregateMessages(problems);
  throw forbidden({ group: resource.group, resource: resource.plural }, object.metadata.name ?? '', text);
}

/** Says what it set, sorted as the annotation of the plugin shows it. */
function fill(container: Fields, limit: Fields): string[] {
  container['resources'] ??= {};
  const { resources } = container;
  const texts: string[] = [];
  for (const [kind, values] of [
    ['requests', limit['defaultRequest']],
    ['limits', limit['default']],
  ] as const) {
    const names = Object.keys(values ?? {}).filter((name) => resources[kind]?.[name] === undefined);
    if (names.length === 0) continue;
    resources[kind] = { ...resources[kind], ...Object.fromEntries(names.map((name) => [name, values[name]])) };
    texts.push(
      `${names.sort().join(', ')} ${kind === 'requests' ? 'request' : 'limit'} for container ${container['name']}`,
    );
  }
  return texts;
}

function check(container: Fields, { max, min }: Fields): string[] {
  const problems: string[] = [];
  const { limits = {}, requests = {} } = container['resources'] ?? {};
  for (const [name, bound] of Object.entries<string>(min ?? {})) {
    const used = requests[name];
    if (used === undefined) problems.push(`minimum ${name} usage per Container is ${bound}. No request is specified`);
    else if (nanoOf(used) < nanoOf(bound))
      problems.push(`minimum ${name} usage per Container is ${bound}, but request is ${used}`);
  }
  for (const [name, bound] of Object.entries<string>(max ?? {})) {
    const used = limits[name];
    if (used === undefined) problems.push(`maximum ${name} usage per Container is ${bound}. No limit is specified`);
    else if (nanoOf(used) > nanoOf(bound))
      problems.push(`maximum ${name} usage per Container is ${bound}, but limit is ${used}`);
  }
  return problems;
}
