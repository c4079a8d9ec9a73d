import type { KubeObject, ManagedFieldsEntry } from '@flux/apimachinery';
import { type Bindings, findDifference } from './compare.ts';
import { isChosenDifference } from './differences.table.ts';
import type { RecordedEvent, ScenarioRecord } from './scenario.ts';

interface Comparison<Part> {
  scenario: string;
  record: string;
  expected: ScenarioRecord;
  actual: Part;
  bindings: Bindings;
}

/** Differences of objects between a record and what our controllers made, the chosen ones left out. */
export function compareState(
  comparison: Comparison<Pick<ScenarioRecord, 'flux' | 'objects' | 'helmStorage'>>,
): string[] {
  const { expected, actual, bindings } = comparison;
  return withoutChosen(comparison, [
    ...compareObjects('flux', expected.flux, actual.flux, bindings, (object) => object),
    ...compareObjects('objects', expected.objects, actual.objects, bindings, withoutWorkOfKubernetes),
    ...compareObjects('helmStorage', expected.helmStorage ?? [], actual.helmStorage ?? [], bindings, withoutApiVersion),
  ]);
}

/**
 * Differences of events and answers since the record before. `told` holds the warnings of earlier records: a failure that
 * is retried once more says the same again, and how often it does is a matter of the clock (README.md).
 */
export function compareHappenings(
  comparison: Comparison<Pick<ScenarioRecord, 'events' | 'responses'>>,
  told: Set<string>,
): string[] {
  const { expected, actual, bindings } = comparison;
  const former = [...told].map((text): RecordedEvent => JSON.parse(text));
  const repeats = new Set(actual.events.filter((event) => told.has(JSON.stringify(eventFacts(event)))));
  for (const event of actual.events) if (event.type === 'Warning') told.add(JSON.stringify(eventFacts(event)));
  return withoutChosen(comparison, [
    ...compareEvents(expected.events, actual.events, { repeats, former }, bindings),
    ...compareResponses(expected.responses ?? [], actual.responses ?? [], bindings),
  ]);
}

function withoutChosen({ scenario, record }: Comparison<unknown>, found: readonly string[]): string[] {
  return found.filter((text) => !isChosenDifference(scenario, text)).map((text) => `${record}: ${text}`);
}

function compareObjects(
  what: string,
  expected: readonly KubeObject[],
  actual: readonly KubeObject[],
  bindings: Bindings,
  reduce: (object: KubeObject) => KubeObject,
): string[] {
  const found = new Map(actual.map((object) => [idOf(object), object]));
  const differences: string[] = [];
  for (const object of expected) {
    const id = idOf(object);
    const other = found.get(id);
    found.delete(id);
    if (!other) {
      differences.push(`${what} ${id}: missing`);
      continue;
    }
    const difference = findDifference(comparable(reduce(object)), comparable(reduce(other)), bindings);
    if (difference) differences.push(`${what} ${id}: ${difference}`);
  }
  return [...differences, ...[...found.keys()].map((id) => `${what} ${id}: not expected`)];
}

/** Records of releases have none. */
function withoutApiVersion({ apiVersion: _, ...rest }: KubeObject): KubeObject {
  return rest as KubeObject;
}

function idOf({ kind, metadata }: KubeObject): string {
  return `${kind}/${metadata.namespace ?? ''}/${metadata.name}`;
}

/** The server sorts managedFields by time, so their order depends on the clock. */
function comparable(object: KubeObject): KubeObject {
  const { managedFields, ...metadata } = object.metadata;
  if (!managedFields) return object;
  const key = (entry: ManagedFieldsEntry) =>
    [entry.operation, entry.manager, entry.apiVersion, entry.subresource ?? ''].join(' ');
  const sorted = managedFields.map(withPlainManager).toSorted((a, b) => (key(a) < key(b) ? -1 : 1));
  return { ...object, metadata: { ...metadata, managedFields: sorted } };
}

/** Binaries that carry their version in their name sign with it. */
function withPlainManager(entry: ManagedFieldsEntry): ManagedFieldsEntry {
  const manager = entry.manager?.replace(/^(kube-[a-z-]+|kwok)-v\d.*$/, '$1');
  return manager === undefined ? entry : { ...entry, manager };
}

const kubernetesManagers = new Set(['kube-controller-manager', 'kwok', 'kube-scheduler', 'kubelet']);

/** Status and what the controllers of Kubernetes wrote are not Flux's (README.md). */
function withoutWorkOfKubernetes(object: KubeObject): KubeObject {
  const { status: _, ...rest } = object;
  const { managedFields = [], annotations = {}, ...metadata } = object.metadata;
  const own = managedFields.filter((entry) => !kubernetesManagers.has(withPlainManager(entry).manager ?? ''));
  const { 'deployment.kubernetes.io/revision': __, ...kept } = annotations;
  return {
    ...rest,
    metadata: {
      ...metadata,
      ...(Object.keys(kept).length > 0 ? { annotations: kept } : {}),
      ...(own.length > 0 ? { managedFields: own } : {}),
    },
  } as KubeObject;
}

/** As sets: counts and order are a matter of timing. */
function compareEvents(
  expected: readonly RecordedEvent[],
  actual: readonly RecordedEvent[],
  { repeats, former }: { repeats: ReadonlySet<RecordedEvent>; former: readonly RecordedEvent[] },
  bindings: Bindings,
): string[] {
  const unmatched = new Set(actual.filter((event) => !repeats.has(event)));
  const differences: string[] = [];
  for (const event of expected) {
    const matches = actual.filter((other) => isSameEvent(event, other, bindings));
    const isRepeat = former.some((other) => isSameEvent(event, other, bindings));
    if (matches.length === 0 && !isRepeat) differences.push(`event missing: ${describe(event)}`);
    for (const match of matches) unmatched.delete(match);
  }
  return [...differences, ...[...unmatched].map((event) => `event not expected: ${describe(event)}`)];
}

function isSameEvent(expected: RecordedEvent, actual: RecordedEvent, bindings: Bindings): boolean {
  const trial = bindings.copy();
  if (findDifference(eventFacts(expected), eventFacts(actual), trial)) return false;
  bindings.takeOver(trial);
  return true;
}

/** Depends on how index.yaml is written (README.md). */
const indexSize = / of size [\d.]+\w+ /;
/** A changing number of lines, by the engine that did the work (README.md). */
const helmLogs = /\n\nLast Helm logs:\n\n.*$/s;

function eventFacts({ type, reason, message, involvedObject, annotations, reportingComponent }: RecordedEvent) {
  const comparable = message.replace(indexSize, ' of size <bytes> ').replace(helmLogs, '');
  return { type, reason, message: comparable, involvedObject, annotations: annotations ?? {}, reportingComponent };
}

function describe({ involvedObject, type, reason, message, annotations }: RecordedEvent): string {
  const subject = `${involvedObject['kind']}/${involvedObject['name']}`;
  return `${subject} ${type} ${reason} ${JSON.stringify(message)} ${JSON.stringify(annotations ?? {})}`;
}

function compareResponses(expected: readonly unknown[], actual: readonly unknown[], bindings: Bindings): string[] {
  const difference = findDifference(expected, actual, bindings, 'responses');
  return difference ? [difference] : [];
}
