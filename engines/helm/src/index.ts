/** Charts without Helm: loading, values, rendering, releases and repositories. */
export type { Chart, ChartDependency, ChartFile, ChartLock, ChartMetadata, Values } from './chart/chart.ts';
export type { Hook, HookEvent, HookRun, Release, ReleaseChart, ReleaseInfo, ReleaseStatus } from './release/release.ts';
export type { Rendered } from './render/rendered.ts';
