import { UsageError } from '../command/errors.ts';
import { checkedFlag } from '../command/flag.ts';
import { parseObjectName } from './metadata.ts';

export interface NamedObject<K extends string> {
  kind: K;
  name: string;
  namespace?: string;
}

/** Reads `Kind/name.namespace` with a kind of the list, in any case. */
export function parseReference<const K extends string>(
  text: string,
  kinds: readonly K[],
  what: string,
): NamedObject<K> {
  const { kind = '', ...rest } = parseObjectName(text);
  const known = kinds.find((each) => each.toLowerCase() === kind.toLowerCase());
  if (!kind || !rest.name) throw new UsageError(`invalid ${what} '${text}', must be in format <kind>/<name>`);
  if (!known) throw new UsageError(`${what} kind '${kind}' is not supported, must be one of: ${kinds.join(', ')}`);
  return { kind: known, ...rest };
}

/** Kinds of source that a chart can be in. */
const chartSourceKinds = ['HelmRepository', 'GitRepository', 'Bucket'] as const;

/** Reads the source of a chart. */
export function parseChartSource(text: string): NamedObject<(typeof chartSourceKinds)[number]> {
  return parseReference(text, chartSourceKinds, 'source');
}

/** `--source` of commands that create charts. */
export function chartSourceFlag(format: string) {
  return checkedFlag(
    `source that contains the chart in the format '${format}', where kind must be one of: (${chartSourceKinds.join(', ')})`,
    'helmChartSource',
    (text) => {
      if (text.trim() === '') throw new UsageError('no helm chart source given, please specify the source name');
      const { kind, name, namespace } = parseChartSource(text);
      return `${kind}/${name}${namespace ? `.${namespace}` : ''}`;
    },
  );
}

/** Reads `name` and `namespace/name`. */
export function parseDependency(text: string): { name: string; namespace?: string } {
  const [first = '', second] = text.split('/');
  return second === undefined ? { name: first } : { namespace: first, name: second };
}
