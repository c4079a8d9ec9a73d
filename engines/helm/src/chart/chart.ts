/** A map of chart values as YAML through JSON gives it: numbers are float64, keys are own properties, also `__proto__`. */
export type Values = Record<string, unknown>;

/** A file of a chart; the name is relative to the chart's root, with `/`. */
export interface ChartFile {
  readonly name: string;
  readonly data: Uint8Array;
  /** From the archive's header or the file system; releases store it. */
  readonly modifiedAt?: Date;
}

export interface Maintainer {
  name?: string;
  email?: string;
  url?: string;
}

/** One entry of `dependencies` in Chart.yaml or requirements.yaml. */
export interface ChartDependency {
  name: string;
  version?: string;
  repository?: string;
  condition?: string;
  tags?: string[];
  enabled?: boolean;
  'import-values'?: unknown[];
  alias?: string;
}

/** Chart.yaml. The key order of `readMetadata` is Go's struct order, so that its JSON is Helm's JSON. */
export interface ChartMetadata {
  name: string;
  home?: string;
  sources?: string[];
  version: string;
  description?: string;
  keywords?: string[];
  maintainers?: Maintainer[];
  icon?: string;
  apiVersion: string;
  condition?: string;
  tags?: string;
  appVersion?: string;
  deprecated?: boolean;
  annotations?: Record<string, string>;
  kubeVersion?: string;
  dependencies?: ChartDependency[];
  type?: string;
}

/** Chart.lock or requirements.lock. */
export interface ChartLock {
  generated: string;
  digest: string;
  dependencies: ChartDependency[];
}

/** A chart in memory, as an archive or a folder gives it (HELM-LOAD). Loading never changes it afterwards; processing dependencies copies. */
export interface Chart {
  readonly metadata: ChartMetadata;
  readonly lock?: ChartLock;
  /** values.yaml, later documents merged over earlier ones. */
  readonly values: Values;
  /** values.schema.json, as written. */
  readonly schema?: Uint8Array;
  readonly templates: readonly ChartFile[];
  /** Everything that is neither metadata, values, schema, template nor subchart; `crds/` is here. */
  readonly files: readonly ChartFile[];
  /** Every file of the chart as found, without subcharts: what packaging and values files read. */
  readonly raw: readonly ChartFile[];
  readonly dependencies: readonly Chart[];
}
