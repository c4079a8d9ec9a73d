import { kinds } from '@flux/api';
import { formatApiVersion, isNotFound, type KubeObject } from '@flux/apimachinery';
import { type Cluster, NoMatchError, type ResourceMapping } from '@flux/client';
import { decodeRelease } from '@flux/helm';
import type { RecordedEvent, Scenario, ScenarioRecord } from './scenario.ts';

const fluxKinds = new Set(kinds.map(({ group, kind }) => `${group}/${kind}`));
const leftOut = new Set(['Pod', 'ReplicaSet', 'Event', 'Endpoints', 'EndpointSlice', 'Lease', 'ControllerRevision']);
const controllerManagers = /^(gotk-)?(source|kustomize|helm|notification|image-reflector|image-automation)-controller$/;
const ownerLabel = /^(kustomize|helm)\.toolkit\.fluxcd\.io\//;

/** Reads records of one scenario from a cluster; remembers which events were in an earlier one. */
export class Recorder {
  readonly #cluster: Cluster;
  readonly #scenario: Scenario;
  readonly #seen = new Map<string, number>();

  constructor(cluster: Cluster, scenario: Scenario) {
    this.#cluster = cluster;
    this.#scenario = scenario;
  }

  /** The objects as they are now. */
  async objects(): Promise<Required<Pick<ScenarioRecord, 'flux' | 'objects' | 'helmStorage'>>> {
    const mappings = (await this.#mappings()).filter(({ verbs }) => verbs.includes('list'));
    const flux: KubeObject[] = [];
    const objects: KubeObject[] = [];
    for (const mapping of mappings) {
      if (leftOut.has(mapping.kind)) continue;
      const found = await this.#list(mapping).catch(noneIfUnserved);
      if (fluxKinds.has(`${mapping.group}/${mapping.kind}`)) flux.push(...found);
      else objects.push(...found.filter((object) => this.#isRecorded(object)));
    }
    const isRelease = (object: KubeObject) => object['type'] === 'helm.sh/release.v1';
    const helmStorage = await Promise.all(objects.filter(isRelease).map(decodeSecret));
    return { flux, objects: objects.filter((object) => !isRelease(object)), helmStorage };
  }

  /** One version of each kind. */
  async #mappings(): Promise<ResourceMapping[]> {
    this.#cluster.invalidate();
    const first = new Map<string, ResourceMapping>();
    for (const mapping of await this.#cluster.mappings()) {
      const id = `${mapping.group}/${mapping.kind}`;
      if (!first.has(id)) first.set(id, mapping);
    }
    return [...first.values()];
  }

  async #list(mapping: ResourceMapping): Promise<KubeObject[]> {
    const kind = { apiVersion: formatApiVersion(mapping.group, mapping.version), kind: mapping.kind };
    const { namespaces, clusterObjects = [] } = this.#scenario;
    if (!mapping.namespaced) {
      return (await this.#cluster.list(kind)).items.filter(({ metadata }) => clusterObjects.includes(metadata.name));
    }
    const made = clusterObjects.filter((name) => !name.includes('.')); // a Namespace among them
    const lists = [...namespaces, ...made].map((namespace) => this.#cluster.list(kind, { namespace }));
    return (await Promise.all(lists)).flatMap(({ items }) => items);
  }

  #isRecorded({ metadata, kind }: KubeObject): boolean {
    if (kind === 'Namespace' || kind === 'CustomResourceDefinition') return true;
    const isManaged = metadata.managedFields?.some(({ manager }) => controllerManagers.test(manager ?? ''));
    return isManaged || Object.keys(metadata.labels ?? {}).some((label) => ownerLabel.test(label));
  }

  /** Events that are new since the last call. */
  async newEvents(): Promise<RecordedEvent[]> {
    const events: RecordedEvent[] = [];
    for (const namespace of this.#scenario.namespaces) {
      const { items } = await this.#cluster.list({ apiVersion: 'v1', kind: 'Event' }, { namespace });
      for (const event of items) {
        const component: string = event['reportingComponent'] || event['source']?.component || '';
        const count: number = event['count'] ?? 1;
        const uid = event.metadata.uid ?? event.metadata.name;
        const isNew = (this.#seen.get(uid) ?? 0) < count;
        this.#seen.set(uid, count);
        if (isNew && controllerManagers.test(component)) events.push(recordedEvent(event, component));
      }
    }
    return events;
  }
}

/** A release as records have it: without the files of its chart. */
async function decodeSecret(secret: KubeObject): Promise<KubeObject> {
  const { data, ...rest } = secret;
  const stored = await decodeRelease(Buffer.from(data.release, 'base64').toString('latin1'));
  const { name, namespace, version, info, config = null, manifest, hooks, apply_method, chart } = stored;
  const { metadata, values } = chart;
  const release = {
    ...{ name, namespace, version, info, config, labels: null, apply_method, chart: { metadata, values } },
    ...{ manifest, hooks: hooks.length > 0 ? hooks : null },
  };
  const labels = Object.entries(rest.metadata.labels ?? {}).map(([key, label]) => [
    key,
    key.endsWith('edAt') ? new Date(Number(label) * 1000).toISOString() : label,
  ]);
  return { ...rest, metadata: { ...rest.metadata, labels: Object.fromEntries(labels) }, release };
}

/** The definition of another scenario may go while this one is recorded. */
function noneIfUnserved(error: unknown): KubeObject[] {
  if (isNotFound(error) || error instanceof NoMatchError) return [];
  throw error;
}

function recordedEvent(event: KubeObject, reportingComponent: string): RecordedEvent {
  const { kind, namespace, name, apiVersion } = event['involvedObject'];
  return {
    type: event['type'],
    reason: event['reason'],
    message: event['message'],
    involvedObject: { kind, namespace, name, apiVersion },
    ...(event.metadata.annotations ? { annotations: event.metadata.annotations } : {}),
    reportingComponent,
  };
}
