import type { Condition, KubeObject } from '@flux/apimachinery';
import { formatTime } from '@flux/gotypes';

export const readyCondition = 'Ready';
export const reconcilingCondition = 'Reconciling';
export const stalledCondition = 'Stalled';

export const progressingReason = 'Progressing';
export const progressingWithRetryReason = 'ProgressingWithRetry';

const maxMessageBytes = 32768;

export type ConditionInput = Pick<Condition, 'type' | 'status' | 'reason' | 'message'>;

/** The conditions of one object, changed in place under the rules of KUS-FLOW-06, KUS-STAT-04 and SRC-CTL-16. */
export interface ConditionSet {
  get(type: string): Condition | undefined;
  isTrue(type: string): boolean;
  isFalse(type: string): boolean;
  isUnknown(type: string): boolean;
  /**
   * Writes a condition with the object's generation; `lastTransitionTime` moves when status, reason or message changed.
   * Reconciling=True removes Stalled and the other way round.
   */
  set(condition: ConditionInput): void;
  delete(type: string): void;
  all(): readonly Condition[];
}

/** A view of `object.status.conditions` that keeps their order and rules. */
export function conditionsOf(object: KubeObject, now: () => Date = () => new Date()): ConditionSet {
  const get = (type: string) => readConditions(object).find((condition) => condition.type === type);
  const hasStatus = (type: string, status: Condition['status']) => get(type)?.status === status;
  return {
    get,
    isTrue: (type) => hasStatus(type, 'True'),
    isFalse: (type) => hasStatus(type, 'False'),
    isUnknown: (type) => hasStatus(type, 'Unknown'),
    set: (input) => setCondition(object, input, now()),
    delete: (type) => deleteCondition(object, type),
    all: () => readConditions(object),
  };
}

function setCondition(object: KubeObject, input: ConditionInput, now: Date): void {
  const message = truncateMessage(input.message);
  const previous = readConditions(object).find((condition) => condition.type === input.type);
  const unchanged =
    previous?.status === input.status && previous.reason === input.reason && previous.message === message;
  const condition: Condition = {
    type: input.type,
    status: input.status,
    reason: input.reason,
    message,
    lastTransitionTime: unchanged && previous.lastTransitionTime ? previous.lastTransitionTime : formatTime(now),
    ...(object.metadata.generation === undefined ? {} : { observedGeneration: object.metadata.generation }),
  };
  const others = readConditions(object).filter((other) => other.type !== input.type && !excludes(input, other));
  writeConditions(object, [...others, condition]);
}

function excludes(input: ConditionInput, other: Condition): boolean {
  if (input.status !== 'True') return false;
  if (input.type === reconcilingCondition) return other.type === stalledCondition;
  return input.type === stalledCondition && other.type === reconcilingCondition;
}

function deleteCondition(object: KubeObject, type: string): void {
  const conditions = readConditions(object);
  if (conditions.some((condition) => condition.type === type)) {
    writeConditions(
      object,
      conditions.filter((condition) => condition.type !== type),
    );
  }
}

/** Stalled, Reconciling, Ready, then the rest by highest observedGeneration, then by type (KUS-STAT-04). */
export function sortConditions(conditions: readonly Condition[]): Condition[] {
  return conditions.toSorted(
    (a, b) =>
      rank(a) - rank(b) ||
      (b.observedGeneration ?? 0) - (a.observedGeneration ?? 0) ||
      (a.type < b.type ? -1 : a.type > b.type ? 1 : 0),
  );
}

const ranked = [stalledCondition, reconcilingCondition, readyCondition];

function rank(condition: Condition): number {
  const index = ranked.indexOf(condition.type);
  return index < 0 ? ranked.length : index;
}

/** Ready=True for the generation that the object has. */
export function isReady(object: KubeObject): boolean {
  const isObserved = object['status']?.observedGeneration === object.metadata.generation;
  return isObserved && readConditions(object).some(({ type, status }) => type === readyCondition && status === 'True');
}

export function readConditions(object: KubeObject): readonly Condition[] {
  const conditions: unknown = object['status']?.conditions;
  return Array.isArray(conditions) ? (conditions as Condition[]) : [];
}

function writeConditions(object: KubeObject, conditions: Condition[]): void {
  object['status'] ??= {};
  if (conditions.length === 0) delete object['status'].conditions;
  else object['status'].conditions = sortConditions(conditions);
}

/** Cut to 32768 bytes of UTF-8, the last three being `...`. */
export function truncateMessage(message: string): string {
  if (message.length * 3 <= maxMessageBytes) return message;
  const bytes = new TextEncoder().encode(message);
  if (bytes.length <= maxMessageBytes) return message;
  let end = maxMessageBytes - 3;
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end--; // never inside a character
  return `${new TextDecoder().decode(bytes.subarray(0, end))}...`;
}
