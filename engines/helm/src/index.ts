/** Charts without Helm: loading, values, rendering, releases and repositories. */
export type { Chart, ChartDependency, ChartFile, ChartLock, ChartMetadata, Values } from './chart/chart.ts';
export type { Hook, HookEvent, HookRun, Release, ReleaseChart, ReleaseInfo, ReleaseStatus } from './release/release.ts';
export { type Capabilities, checkKubeVersion, defaultCapabilities, type KubeVersion } from './render/capabilities.ts';
export { type CustomResourceFile, crdsOf } from './render/crds.ts';
export { installOrder, sortByKind, uninstallOrder } from './render/kind-order.ts';
export type { Lookup } from './render/lookup.ts';
export type { PostRenderer, PostRenderOptions, PostRenderStrategy } from './render/post-render.ts';
export { checkReleaseName } from './render/release-name.ts';
export { type RenderOptions, renderChart } from './render/render-chart.ts';
export { RenderError } from './render/render-error.ts';
export type { Rendered } from './render/rendered.ts';
export { type Manifest, parseHooks, sortManifests } from './render/sort-manifests.ts';
export { splitManifests } from './render/split-manifests.ts';
export { type TemplateChartOptions, templateChart } from './render/template-chart.ts';
