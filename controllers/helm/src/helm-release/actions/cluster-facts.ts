import { formatApiVersion } from '@flux/apimachinery';
import type { Cluster, ResourceMapping } from '@flux/client';
import type { Capabilities, Lookup } from '@flux/helm';

type KubeVersion = Capabilities['kubeVersion'];

/** An upgrade of the cluster, and a right that was given or taken, is known after this. */
const memoryMs = 60_000;

type Mappings = Promise<readonly ResourceMapping[]>;

interface Discovery {
  running: Mappings;
  /** Begins when that ends. */
  next?: Mappings;
}

/** What is the same for all releases of a cluster, asked for once in a while. */
export class ClusterFacts {
  readonly #versions: RecentAnswers<KubeVersion>;
  readonly #unrestricted: RecentAnswers<boolean>;
  readonly #apiVersions = new WeakMap<readonly ResourceMapping[], string[]>();
  readonly #discoveries = new WeakMap<Cluster, Discovery>();

  /** `now` is in milliseconds. */
  constructor(now: () => number = () => performance.now()) {
    this.#versions = new RecentAnswers(readVersion, now);
    this.#unrestricted = new RecentAnswers(mayDoEverything, now);
  }

  /**
   * The version of a cluster and everything that its discovery lists now, for charts ask for kinds whose definitions may
   * have come since (HELM-TPL-12). What has not changed is not sent again.
   */
  async capabilities(cluster: Cluster): Promise<Capabilities> {
    const [kubeVersion, mappings] = await Promise.all([this.#versions.of(cluster), this.#discover(cluster)]);
    let apiVersions = this.#apiVersions.get(mappings);
    if (!apiVersions) {
      apiVersions = apiVersionsOf(mappings);
      this.#apiVersions.set(mappings, apiVersions);
    }
    return { kubeVersion, apiVersions };
  }

  /** Whether nothing that a release does can be forbidden; false where that cannot be found out. */
  isUnrestricted(cluster: Cluster): Promise<boolean> {
    return this.#unrestricted.of(cluster).catch(() => false);
  }

  /** Who asks while a discovery is under way, which may have passed by what he looks for, shares the next one. */
  #discover(cluster: Cluster): Mappings {
    const { running, next } = this.#discoveries.get(cluster) ?? {};
    if (next) return next;
    if (!running) return this.#startDiscovery(cluster);
    const start = () => this.#startDiscovery(cluster);
    const following = running.then(start, start);
    this.#discoveries.set(cluster, { running, next: following });
    return following;
  }

  #startDiscovery(cluster: Cluster): Mappings {
    cluster.invalidate();
    const running = cluster.mappings();
    this.#discoveries.set(cluster, { running });
    const end = () => {
      const { running: current, next } = this.#discoveries.get(cluster) ?? {};
      if (current === running && !next) this.#discoveries.delete(cluster);
    };
    running.then(end, end);
    return running;
  }
}

/** What clusters answered within the last minute; failures are not kept. */
class RecentAnswers<T> {
  readonly #ask: (cluster: Cluster) => Promise<T>;
  readonly #now: () => number;
  readonly #answers = new WeakMap<Cluster, { askedAt: number; answer: Promise<T> }>();

  constructor(ask: (cluster: Cluster) => Promise<T>, now: () => number) {
    this.#ask = ask;
    this.#now = now;
  }

  of(cluster: Cluster): Promise<T> {
    const known = this.#answers.get(cluster);
    if (known && this.#now() - known.askedAt < memoryMs) return known.answer;
    const answer = this.#ask(cluster);
    this.#answers.set(cluster, { askedAt: this.#now(), answer });
    answer.catch(() => this.#answers.delete(cluster));
    return answer;
  }
}

/** What templates learn of a cluster that is asked once. */
export function readCapabilities(cluster: Cluster): Promise<Capabilities> {
  return new ClusterFacts().capabilities(cluster);
}

async function mayDoEverything(cluster: Cluster): Promise<boolean> {
  const path = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
  const all = { verb: '*', group: '*', resource: '*' };
  const review = {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SelfSubjectAccessReview',
    spec: { resourceAttributes: all },
  };
  const { status, body } = await cluster.raw({ method: 'POST', path, body: review });
  return status < 300 && (body as { status?: { allowed?: boolean } }).status?.allowed === true;
}

async function readVersion(cluster: Cluster): Promise<KubeVersion> {
  const { body } = await cluster.raw({ method: 'GET', path: '/version' });
  const { gitVersion = '', major = '', minor = '' } = body as Record<string, string>;
  return { version: gitVersion, major, minor };
}

function apiVersionsOf(mappings: readonly ResourceMapping[]): string[] {
  const versions = new Set<string>();
  for (const { group, version, kind } of mappings) {
    const groupVersion = formatApiVersion(group, version);
    versions.add(groupVersion).add(`${groupVersion}/${kind}`);
  }
  return [...versions];
}

/** HELM-TPL-08. */
export function lookupIn(cluster: Cluster): Lookup {
  return async (apiVersion, kind, namespace, name) => {
    const { namespaced } = await cluster.mapping({ apiVersion, kind });
    const at = namespaced && namespace ? { namespace } : {};
    if (name) return (await cluster.find({ apiVersion, kind, name, ...at })) ?? {};
    const { items, metadata } = await cluster.list({ apiVersion, kind }, at);
    return { apiVersion, kind: `${kind}List`, metadata, items };
  };
}

/** Gate `AllowDNSLookups`. Of several addresses the first in order, so that a rendering can be repeated. */
export async function resolveHost(name: string): Promise<string> {
  const { lookup } = await import('node:dns/promises');
  const addresses = await lookup(name, { all: true });
  return addresses.map(({ address }) => address).toSorted()[0] ?? '';
}
