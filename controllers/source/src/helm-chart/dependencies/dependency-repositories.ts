import { type HelmRepository, helmRepository } from '@flux/api';
import { messageOf } from '@flux/errors';
import { normaliseRepositoryUrl } from '@flux/helm';
import { anonymousAccess, type ChartRepository, type HelmChartRun, resolveAccess } from '../deps.ts';
import { openRepository } from '../open-repository.ts';
import { DependencyError } from './dependency-error.ts';

/** The repositories that the dependencies of one chart name, each opened once. */
export class DependencyRepositories implements AsyncDisposable {
  readonly #run: HelmChartRun;
  readonly #open = new Map<string, ChartRepository>();
  /** Those of the namespace, listed for all dependencies at once. */
  #known: Promise<HelmRepository[]> | undefined;

  constructor(run: HelmChartRun) {
    this.#run = run;
  }

  /**
   * Credentials and index are those of the first HelmRepository of the namespace with this address; without one the repository
   * is asked anonymously (SRC-HCHART-27).
   */
  async open(address: string): Promise<ChartRepository> {
    const url = normaliseRepositoryUrl(address);
    const known = this.#open.get(url);
    if (known) return known;
    try {
      const charts = await this.#connect(url);
      this.#open.set(url, charts);
      return charts;
    } catch (error) {
      throw new DependencyError(`failed to get chart repository for URL '${url}': ${messageOf(error)}`, {
        cause: error,
      });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const charts of this.#open.values()) await charts[Symbol.asyncDispose]();
  }

  async #connect(url: string): Promise<ChartRepository> {
    const run = this.#run;
    const { name, namespace = '' } = run.object.metadata;
    this.#known ??= listRepositories(run, namespace);
    const repository = (await this.#known).find(({ spec }) => normaliseRepositoryUrl(spec.url) === url);
    const access = repository ? await resolveAccess(run, repository) : anonymousAccess(url, run.deps);
    return openRepository(run, { access, repository, owner: { name, namespace } });
  }
}

async function listRepositories({ cluster, signal }: HelmChartRun, namespace: string): Promise<HelmRepository[]> {
  const { apiVersion, kind } = helmRepository;
  const { items } = await cluster.list({ apiVersion, kind }, { namespace, signal });
  return items.map((item) => helmRepository.read(item));
}
