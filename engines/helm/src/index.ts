/** Charts without Helm: loading, values, rendering, releases and repositories. */
export type { Chart, ChartDependency, ChartFile, ChartLock, ChartMetadata, Values } from './chart/chart.ts';
export type { ChartLimits } from './chart/chart-budget.ts';
export { ChartError } from './chart/chart-error.ts';
export { processDependencies } from './chart/dependencies.ts';
export { type LoadOptions, loadChartArchive } from './chart/load-archive.ts';
export { loadChart, loadChartFolder } from './chart/load-folder.ts';
export { readMetadata, validateMetadata } from './chart/metadata.ts';
export {
  applyCustomResourceDefinitions,
  type CrdOptions,
  type CrdPolicy,
} from './release/custom-resources.ts';
export { type InstallOptions, installRelease } from './release/install.ts';
export { ownedObject } from './release/ownership.ts';
export type { Hook, HookEvent, HookRun, Release, ReleaseChart, ReleaseInfo, ReleaseStatus } from './release/release.ts';
export type { DeletionPropagation, ReleaseCluster, ReleaseWriteOptions } from './release/release-cluster.ts';
export { decodeRelease, encodeRelease } from './release/release-code.ts';
export type {
  ChangeOptions,
  ReleaseContext,
  RenderedRelease,
  RenderRelease,
  RenderReleaseRequest,
  ServerSideApply,
  WaitChoice,
} from './release/release-context.ts';
export { ReleaseError, type ReleaseErrorReason } from './release/release-error.ts';
export {
  copyRelease,
  ReleaseStorage,
  type ReleaseStorageOptions,
  readStoredRelease,
  type StorageWrite,
  type StoredRevision,
} from './release/release-storage.ts';
export type { ReleaseWaiter, ReleaseWaitOptions, WaitStrategy } from './release/release-waiter.ts';
export { type RollbackOptions, rollbackRelease } from './release/rollback.ts';
export { type TestOptions, testRelease } from './release/run-tests.ts';
export { type Uninstalled, type UninstallOptions, uninstallRelease } from './release/uninstall.ts';
export { type Unlocked, unlockRelease } from './release/unlock.ts';
export { type UpgradeOptions, upgradeRelease } from './release/upgrade.ts';
export { type Capabilities, defaultCapabilities, type KubeVersion } from './render/capabilities.ts';
export { type CustomResourceFile, crdsOf } from './render/crds.ts';
export type { Lookup, ResolveHost } from './render/lookup.ts';
export type { PostRenderer, PostRenderOptions, PostRenderStrategy } from './render/post-render.ts';
export { renderNameTemplate } from './render/release-name.ts';
export { type RenderOptions, renderChart } from './render/render-chart.ts';
export { RenderError, RenderRequestError } from './render/render-error.ts';
export { renderFiles } from './render/render-files.ts';
export type { Rendered } from './render/rendered.ts';
export { type Manifest, sortManifests } from './render/sort-manifests.ts';
export { type TemplateChartOptions, templateChart, templateChartBytes } from './render/template-chart.ts';
export {
  effectiveValuesFiles,
  type MergedValues,
  mergeChartValues,
  overwriteDefaultValues,
  parseValues,
  ValuesFilesError,
  withBuildMetadata,
  withChartVersion,
} from './repository/chart-values.ts';
export { type GpgKeys, gpgSigner } from './repository/gpg.ts';
export type { IndexedVersion } from './repository/index-builder.ts';
export type { IndexEntry } from './repository/index-entry.ts';
export { indexFile } from './repository/index-file.ts';
export type { IndexHead } from './repository/index-head.ts';
export { indexToJson } from './repository/index-json.ts';
export { PackageError, type PackageOptions, packageChart } from './repository/package-chart.ts';
export {
  type ChartArchive,
  type ClearSigner,
  ProvenanceError,
  type Signer,
  signChart,
  type Verification,
  verifyChart,
} from './repository/provenance.ts';
export { ChartUrlError, ChartVersionError, IndexError } from './repository/repository-error.ts';
export {
  type IndexSource,
  type LoadIndexOptions,
  loadRepositoryIndex,
  RepositoryIndex,
} from './repository/repository-index.ts';
export { chartUrl, indexUrl, normaliseRepositoryUrl } from './repository/repository-url.ts';
export { selectChartVersion, selectTag } from './repository/select-version.ts';
export { type CoalesceOptions, coalesceValues } from './values/coalesce.ts';
export {
  type ComposeOptions,
  composeValues,
  digestValues,
  type ReadReference,
  type ValuesReference,
} from './values/compose-values.ts';
export { mergeValuesFiles, type ReadValuesFile, type ValuesOptions } from './values/merge-values.ts';
export { readValues } from './values/read-values.ts';
export { parseSet, parseSetFile, parseSetJson, parseSetLiteral, parseSetString } from './values/set-parser.ts';
export { mergeTables, toPlain } from './values/table.ts';
export { ValuesError } from './values/values-error.ts';
export { type ChartWarning, formatWarning, type Warn } from './values/warning.ts';
