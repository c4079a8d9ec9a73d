import type { CosignKey } from '@flux/oci';

/** A version of a chart that a repository offers. */
export interface OfferedChart {
  readonly name: string;
  readonly version: string;
  /** Where it is, as errors name it. */
  readonly url: string;
  /** SHA-256 of the packaged chart, as the repository tells it. */
  readonly digest?: string;
}

/** Where charts are found and fetched by name and version. */
export interface ChartRepository extends AsyncDisposable {
  /** Throws `ChartVersionError` or `SemverError` where there is none that fits, and other errors where it cannot be told. */
  find(name: string, version: string): Promise<OfferedChart>;
  /**
   * Rejects unless the owner of one of the keys has signed the chart, of which no other is downloaded then. Repositories with
   * an index have no signatures.
   */
  verify?(chart: OfferedChart, keys: readonly CosignKey[]): Promise<void>;
  /** The packaged chart. */
  download(chart: OfferedChart): Promise<Uint8Array>;
}
