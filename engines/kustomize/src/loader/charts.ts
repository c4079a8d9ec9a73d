import type { ReadableFileSystem } from '@flux/fs';

/** A chart that does not lie in the chart home. */
export interface ChartSource {
  readonly name: string;
  /** The URL of its repository, `oci://` or HTTP. */
  readonly repo: string;
  /** Empty for the newest. */
  readonly version: string;
  /** Pre-releases count too. */
  readonly devel: boolean;
}

/** One `helm template` of an entry of `helmCharts`. */
export interface ChartRequest {
  /** Holds the folder of the chart. */
  readonly fs: ReadableFileSystem;
  readonly path: string;
  readonly name: string;
  /** Empty when the name is to be generated. */
  readonly releaseName: string;
  readonly nameTemplate: string;
  /** Empty for Helm's default. */
  readonly namespace: string;
  /** Values files in YAML; later ones win. */
  readonly values: readonly string[];
  readonly apiVersions: readonly string[];
  readonly kubeVersion: string;
  readonly includeCrds: boolean;
  readonly skipHooks: boolean;
  readonly skipTests: boolean;
}

/** Does for `helmCharts` what kustomize runs Helm for; without one, a build that has them fails. */
export interface ChartRenderer {
  /** Brings a chart from its repository into the folder `path` of `fs`. */
  fetch(source: ChartSource): Promise<{ fs: ReadableFileSystem; path: string }>;
  /** The manifests in YAML. */
  render(request: ChartRequest): Promise<string>;
}
