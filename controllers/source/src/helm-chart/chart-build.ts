/** What a build made, or found to be there already. */
export interface ChartBuild {
  readonly name: string;
  readonly version: string;
  /** The packaged chart; absent where the current artifact is it. */
  readonly data?: Uint8Array;
  /** Made by us; else taken as it was. */
  readonly isPackaged: boolean;
  /** Those that were merged, as the spec names them. */
  readonly valuesFiles: readonly string[];
  readonly resolvedDependencies?: number;
  /** Somebody whose key `spec.verify` names has signed it. */
  readonly isVerified?: boolean;
}

/** What conditions and events say of a build (SRC-HCHART-20). */
export function summaryOf({ name, version, isPackaged, valuesFiles }: ChartBuild): string {
  const merged = valuesFiles.length > 0 ? ` and merged values files [${valuesFiles.join(' ')}]` : '';
  return `${isPackaged ? 'packaged' : 'pulled'} '${name}' chart with version '${version}'${merged}`;
}

export function reasonOf({ isPackaged }: ChartBuild): string {
  return isPackaged ? 'ChartPackageSucceeded' : 'ChartPullSucceeded';
}
