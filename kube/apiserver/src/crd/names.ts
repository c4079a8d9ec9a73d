import { aggregateMessages, type KubeObject } from '@flux/apimachinery';
import { type StatusCondition, setCondition } from '../controllers/context.ts';
import { type Fields, list } from '../strategies/fields.ts';

interface NameStatus {
  acceptedNames: Fields;
  conditions: StatusCondition[];
}

/** Which names a CRD gets beside the others of its group, and the conditions that say so. */
export function acceptNames(crd: KubeObject, others: readonly KubeObject[], now: string): NameStatus {
  const requested = crd['spec'].names as Fields;
  const accepted: Fields = { ...(crd['status']?.acceptedNames ?? {}) };
  const taken = takenNames(others);
  const inUse = (name: string, known: string | undefined) => name !== known && taken.names.has(name);
  // Each conflict replaces the one before.
  let problem: { reason: string; message: string } | undefined;
  const refuse = (reason: string, names: readonly string[]) => {
    problem = {
      reason,
      message: aggregateMessages(names.map((name) => `${JSON.stringify(name)} is already in use`)),
    };
  };
  for (const [field, reason] of [
    ['plural', 'PluralConflict'],
    ['singular', 'SingularConflict'],
  ] as const) {
    if (inUse(requested[field], accepted[field])) refuse(reason, [requested[field]]);
    else accepted[field] = requested[field];
  }
  const conflicts = list(requested['shortNames']).filter((name) =>
    inUse(String(name), undefined),
  ) as unknown as string[];
  if (conflicts.length > 0) refuse('ShortNamesConflict', conflicts);
  else if (requested['shortNames']) accepted['shortNames'] = requested['shortNames'];
  else delete accepted['shortNames'];
  for (const [field, reason] of [
    ['kind', 'KindConflict'],
    ['listKind', 'ListKindConflict'],
  ] as const) {
    if (requested[field] !== accepted[field] && taken.kinds.has(requested[field])) refuse(reason, [requested[field]]);
    else accepted[field] = requested[field];
  }
  if (requested['categories']) accepted['categories'] = requested['categories'];
  else delete accepted['categories'];
  return {
    acceptedNames: accepted,
    conditions: conditionsOf(list(crd['status']?.conditions) as StatusCondition[], problem, now),
  };
}

function takenNames(others: readonly KubeObject[]): { names: Set<string>; kinds: Set<string> } {
  const names = new Set<string>();
  const kinds = new Set<string>();
  for (const { status } of others) {
    const { plural, singular, shortNames, kind, listKind } = status?.acceptedNames ?? {};
    for (const name of [plural, singular, ...(shortNames ?? [])]) if (name) names.add(name);
    for (const name of [kind, listKind]) if (name) kinds.add(name);
  }
  return { names, kinds };
}

function conditionsOf(
  before: StatusCondition[],
  problem: { reason: string; message: string } | undefined,
  now: string,
): StatusCondition[] {
  const names: StatusCondition = problem
    ? { type: 'NamesAccepted', status: 'False', ...problem }
    : { type: 'NamesAccepted', status: 'True', reason: 'NoConflicts', message: 'no conflicts found' };
  const conditions = put(before, names, now);
  // Once established a CRD stays so; a later conflict only shows in NamesAccepted.
  const isEstablished = before.some(({ type, status }) => type === 'Established' && status === 'True');
  if (isEstablished) return conditions;
  const established: StatusCondition = problem
    ? { type: 'Established', status: 'False', reason: 'NotAccepted', message: 'not all names are accepted' }
    : {
        type: 'Established',
        status: 'False',
        reason: 'Installing',
        message: 'the initial names have been accepted',
      };
  return put(conditions, established, now);
}

/** The condition of a CRD whose names are accepted and that is about to be served. */
export function establish(conditions: readonly StatusCondition[], now: string): StatusCondition[] {
  const message = 'the initial names have been accepted';
  return put([...conditions], { type: 'Established', status: 'True', reason: 'InitialNamesAccepted', message }, now);
}

function put(
  conditions: StatusCondition[],
  { type, status, reason = '', message = '' }: StatusCondition,
  now: string,
): StatusCondition[] {
  const known = conditions.find((condition) => condition.type === type);
  const same = known?.status === status && known.reason === reason && known.message === message;
  return same ? conditions : setCondition(conditions, { type, status, reason, message }, now);
}
