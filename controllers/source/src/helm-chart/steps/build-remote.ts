import type { HelmChart, HelmRepository } from '@flux/api';
import { sha256Hex } from '@flux/crypto';
import { messageOf } from '@flux/errors';
import {
  type Chart,
  ChartVersionError,
  loadChartArchive,
  mergeChartValues,
  packageChart,
  withChartVersion,
} from '@flux/helm';
import type { CosignKey } from '@flux/oci';
import { ReconcileError } from '@flux/runtime';
import { SemverError } from '@flux/semver';
import { checkArchive } from '../archive-metadata.ts';
import { BuildError } from '../build-error.ts';
import { type BuildRequest, buildRequestOf, findCurrent, versionWith } from '../build-request.ts';
import type { ChartBuild } from '../chart-build.ts';
import {
  type ChartRepository,
  type HelmAccess,
  type HelmChartRun,
  type OfferedChart,
  resolveAccess,
  withFrugalMemory,
} from '../deps.ts';
import { openRepository } from '../open-repository.ts';
import { overwriteValues } from '../overwrite-values.ts';
import { tellsRefusedLogin } from '../refused-login.ts';
import { readVerificationKeys, verifyChart } from './verify-chart.ts';

const namePattern = /^[-a-z0-9](?:[-a-z0-9/.]*)$/;

/** A chart of a HelmRepository: as it is, or with other values packaged again (SRC-HCHART-16, SRC-HCHART-17). */
export async function buildRemote(run: HelmChartRun, source: HelmRepository): Promise<ChartBuild> {
  const access = await readAccess(run, source);
  checkUrl(source);
  const keys = await readVerificationKeys(run, source);
  const { name, namespace = '' } = source.metadata;
  await using charts = openRepository(run, { access, repository: source, owner: { name, namespace } });
  try {
    return await withFrugalMemory(() => buildFrom(run, { charts, source, keys }));
  } catch (error) {
    run.signal.throwIfAborted();
    throw asAuthenticationError(error);
  }
}

interface Origin {
  charts: ChartRepository;
  source: HelmRepository;
  keys: readonly CosignKey[] | undefined;
}

async function buildFrom(run: HelmChartRun, origin: Origin): Promise<ChartBuild> {
  const { charts, source, keys } = origin;
  const { object } = run;
  checkName(object.spec.chart);
  const request = buildRequestOf(object);
  const offered = await find(charts, object, isOci(source));
  if (object.spec.verify) await verifyChart(run, charts, { offered, keys });
  const isPackaged = request.metadata !== '';
  const version = versionWith(offered.version, request);
  const wanted = { name: offered.name, version, isPackaged, ...(object.spec.verify ? { isVerified: true } : {}) };
  const current = findCurrent(object, request, wanted);
  if (current) return current;
  const archive = await pull(run, offered, origin);
  if (!isPackaged) {
    await validate(archive, run);
    return { ...wanted, data: archive, valuesFiles: [] };
  }
  return repackage(archive, { run, request, wanted });
}

function isOci({ spec }: HelmRepository): boolean {
  return spec.type === 'oci';
}

/** SRC-HCHART-08, without the repetition in a repetition that the upstream expression has. */
function checkName(name: string): void {
  if (namePattern.test(name) && !/\/\/|\.\.|\.\//.test(name)) return;
  const rule =
    'a valid name must be lower case letters and numbers and MAY be separated with dashes (-), slashes (/) or periods (.)';
  throw new BuildError('InvalidChartReference', `invalid chart name '${name}': ${rule}`);
}

async function readAccess(run: HelmChartRun, source: HelmRepository): Promise<HelmAccess> {
  try {
    return await resolveAccess(run, source);
  } catch (error) {
    run.signal.throwIfAborted();
    throw new ReconcileError('AuthenticationFailed', messageOf(error), { cause: error });
  }
}

/** SRC-HCHART-13: what only another spec of the repository can help. */
function checkUrl(source: HelmRepository): void {
  const { url } = source.spec;
  const refuse = (reason: string, text: string) => new ReconcileError(reason, text, { retry: 'stalled' });
  if (!URL.canParse(url)) {
    throw refuse('URLInvalid', `invalid Helm repository URL: parse ${JSON.stringify(url)}: invalid URL`);
  }
  if (isOci(source) && !url.startsWith('oci://')) {
    throw refuse('Failed', `failed to construct Helm client: invalid OCI registry URL: ${url}`);
  }
}

/** In an index a missing version is final until the index changes; a registry may have it the next time (SRC trap 10). */
async function find(charts: ChartRepository, { spec }: HelmChart, isRegistry: boolean): Promise<OfferedChart> {
  try {
    return await charts.find(spec.chart, spec.version ?? '*');
  } catch (error) {
    const isFinal = !isRegistry && (error instanceof ChartVersionError || error instanceof SemverError);
    const text = `failed to get chart version for remote reference: ${messageOf(error)}`;
    throw new BuildError(isFinal ? 'InvalidChartReference' : 'ChartPullError', text, { cause: error });
  }
}

/** Where the index tells the digest, and tells the truth, the HelmCharts of a repository share what is downloaded. */
async function pull(run: HelmChartRun, offered: OfferedChart, { charts, source }: Origin): Promise<Uint8Array> {
  const { digest, url } = offered;
  if (!digest) return download(charts, offered);
  const { uid, generation } = source.metadata;
  const key = JSON.stringify([uid, generation, url, digest]);
  const { archives } = run.deps;
  const load = async () => {
    const archive = await download(charts, offered);
    if (sha256Hex(archive) !== digest.replace(/^sha256:/, '')) archives.forget(key);
    return archive;
  };
  return archives.share(key, load, run.signal);
}

async function download(charts: ChartRepository, offered: OfferedChart): Promise<Uint8Array> {
  try {
    return await charts.download(offered);
  } catch (error) {
    const text = `failed to download chart for remote reference: ${messageOf(error)}`;
    throw new BuildError('ChartPullError', text, { cause: error });
  }
}

async function validate(archive: Uint8Array, { deps }: HelmChartRun): Promise<void> {
  try {
    await deps.archives.check(archive, () => checkArchive(archive, deps.limits));
  } catch (error) {
    const text = `failed to load chart metadata from written chart: ${messageOf(error)}`;
    throw new BuildError('ChartPullError', text, { cause: error });
  }
}

interface Repackaging {
  run: HelmChartRun;
  request: BuildRequest;
  wanted: { name: string; version: string; isPackaged: boolean };
}

async function repackage(archive: Uint8Array, { run, request, wanted }: Repackaging): Promise<ChartBuild> {
  const { maxFileBytes } = run.deps.limits;
  let loaded: Chart;
  try {
    loaded = withChartVersion(await loadChartArchive(archive, { maxFileBytes }), wanted.version);
  } catch (error) {
    throw new BuildError('ChartPackageError', `failed to load downloaded chart: ${messageOf(error)}`, { cause: error });
  }
  const { chart, files } = mergeValues(loaded, request);
  try {
    return { ...wanted, data: await packageChart(chart), valuesFiles: files };
  } catch (error) {
    throw new BuildError('ChartPackageError', `failed to package chart: ${messageOf(error)}`, { cause: error });
  }
}

function mergeValues(chart: Chart, { valuesFiles, ignoreMissing }: BuildRequest): { chart: Chart; files: string[] } {
  let merged: ReturnType<typeof mergeChartValues>;
  try {
    merged = mergeChartValues(chart, valuesFiles, { ignoreMissing });
  } catch (error) {
    const text = `failed to merge chart values: ${messageOf(error)}`;
    throw new BuildError('ValuesFilesError', text, { cause: error });
  }
  return overwriteValues(chart, merged);
}

/** A refusal of the server is told as such (SRC-HCHART-12); only pulling can meet one. */
function asAuthenticationError(error: unknown): unknown {
  if (!(error instanceof BuildError) || error.reason !== 'ChartPullError') return error;
  if (!tellsRefusedLogin(error.message)) return error;
  const message = `failed to authenticate with the Helm repository: ${error.message}`;
  return new ReconcileError('AuthenticationFailed', message, { cause: error });
}
