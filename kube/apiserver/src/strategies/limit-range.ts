import type { KubeObject } from '@flux/apimachinery';
import { parseQuantity } from '../decode/scalars.ts';
import type { Strategy, StrategyContext } from '../registry/resource.ts';
import { forbidden } from '../status.ts';
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
};

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
  const list1 = problems.length === 1 ? problems[0]! : `[${problems.join(', ')}]`;
  throw forbidden({ group: resource.group, resource: resource.plural }, object.metadata.name ?? '', list1);
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
    else if (nano(used) < nano(bound))
      problems.push(`minimum ${name} usage per Container is ${bound}, but request is ${used}`);
  }
  for (const [name, bound] of Object.entries<string>(max ?? {})) {
    const used = limits[name];
    if (used === undefined) problems.push(`maximum ${name} usage per Container is ${bound}. No limit is specified`);
    else if (nano(used) > nano(bound))
      problems.push(`maximum ${name} usage per Container is ${bound}, but limit is ${used}`);
  }
  return problems;
}

function nano(text: string): bigint {
  return parseQuantity(text)?.nano ?? 0n;
}
