import { promisify } from 'node:util';
import { constants, gunzip, gzip } from 'node:zlib';
import { isJsonObject } from '@flux/apimachinery';
import { formatJson, parseJson } from '@flux/yaml';
import type { ChartFile } from '../chart/chart.ts';
import { toPlain } from '../values/table.ts';
import type { Hook, Release, ReleaseChart, ReleaseInfo } from './release.ts';
import { ReleaseError } from './release-error.ts';

/** A release is at most 1 MiB compressed; this is what it may become, against bombs. */
const maxDecodedBytes = 256 * 2 ** 20;
const goZeroTime = '0001-01-01T00:00:00Z';
const compress = promisify(gzip);
const decompress = promisify(gunzip);

type JsonRecord = Record<string, unknown>;

/** The text under `release` in the Secret, before the API's own base64: base64 of gzip of JSON (HELM-STORE-02). */
export async function encodeRelease(release: Release): Promise<string> {
  const json = formatJson(releaseToJson(release), { escapeHtml: true });
  return (await compress(json, { level: constants.Z_BEST_COMPRESSION })).toString('base64');
}

/** Reads such a text; a payload that is not gzip is JSON itself. */
export async function decodeRelease(text: string): Promise<Release> {
  const bytes = Buffer.from(text, 'base64');
  const isGzip = bytes.length > 3 && bytes[0] === 0x1f && bytes[1] === 0x8b && bytes[2] === 0x08;
  const json = isGzip ? await decompress(bytes, { maxOutputLength: maxDecodedBytes }) : bytes;
  const value = parseJson(json.toString('utf8'));
  if (!isJsonObject(value)) throw new ReleaseError('the release is not a JSON object', { reason: 'storage' });
  return releaseFromJson(value);
}

/** Members that we do not know are written back as they were: a newer Helm may have put them there. */
function releaseToJson(release: Release): JsonRecord {
  const {
    name,
    info,
    chart,
    config,
    manifest,
    hooks,
    version,
    namespace,
    labels: _,
    apply_method,
    ...others
  } = release;
  return {
    ...(name === '' ? {} : { name }),
    info: infoToJson(info),
    chart: chartToJson(chart),
    ...(config && Object.keys(config).length > 0 ? { config: toPlain(config) } : {}),
    ...(manifest === '' ? {} : { manifest }),
    ...(hooks.length === 0 ? {} : { hooks: hooks.map(hookToJson) }),
    ...(version === 0 ? {} : { version }),
    ...(namespace === '' ? {} : { namespace }),
    ...(apply_method === undefined ? {} : { apply_method }),
    ...others,
  };
}

function infoToJson(info: ReleaseInfo): JsonRecord {
  const { first_deployed, last_deployed, deleted, description, status, notes, ...others } = info;
  return {
    ...(first_deployed ? { first_deployed } : {}),
    ...(last_deployed ? { last_deployed } : {}),
    ...(deleted ? { deleted } : {}),
    ...(description ? { description } : {}),
    status,
    ...(notes ? { notes } : {}),
    ...others,
  };
}

function hookToJson(hook: Hook): JsonRecord {
  const { name, kind, path, manifest, events, last_run, weight, delete_policies, output_log_policies, ...others } =
    hook;
  const { started_at, completed_at, phase } = last_run;
  return {
    name,
    kind,
    path,
    manifest,
    ...(events.length > 0 ? { events } : {}),
    last_run: { ...(started_at ? { started_at } : {}), ...(completed_at ? { completed_at } : {}), phase },
    ...(weight ? { weight } : {}),
    ...(delete_policies?.length ? { delete_policies } : {}),
    ...(output_log_policies?.length ? { output_log_policies } : {}),
    ...others,
  };
}

function chartToJson(chart: ReleaseChart): JsonRecord {
  const { metadata, lock, templates, values, schema, files, ...others } = chart;
  return {
    metadata,
    lock: lock ?? null,
    templates: filesToJson(templates),
    values: toPlain(values),
    schema: schema ? Buffer.from(schema).toString('base64') : null,
    files: filesToJson(files),
    schemamodtime: goZeroTime,
    ...others,
  };
}

/** An empty list is Go's nil. */
function filesToJson(files: readonly ChartFile[]): JsonRecord[] | null {
  return files.length === 0 ? null : files.map(fileToJson);
}

function fileToJson({ name, data, modifiedAt }: ChartFile): JsonRecord {
  const text = Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64');
  return { name, data: text, ...(modifiedAt ? { modtime: modifiedAt.toISOString() } : {}) };
}

function releaseFromJson(json: JsonRecord): Release {
  const info = isJsonObject(json['info']) ? json['info'] : {};
  const hooks = Array.isArray(json['hooks']) ? json['hooks'].filter(isJsonObject) : [];
  const method = json['apply_method'];
  const { apply_method: _, config, ...others } = json;
  return {
    ...others,
    name: textOf(json['name']),
    info: infoFromJson(info),
    chart: chartFromJson(isJsonObject(json['chart']) ? json['chart'] : {}),
    ...(isJsonObject(config) ? { config } : {}),
    manifest: textOf(json['manifest']),
    hooks: hooks.map(hookFromJson),
    version: typeof json['version'] === 'number' ? json['version'] : 0,
    namespace: textOf(json['namespace']),
    ...(method === 'ssa' || method === 'csa' ? { apply_method: method } : {}),
  };
}

/** Helm 3 writes an empty text for a time that is not set. */
function infoFromJson(json: JsonRecord): ReleaseInfo {
  const { first_deployed, last_deployed, deleted, status, ...others } = json;
  const times = { first_deployed, last_deployed, deleted };
  const set = Object.entries(times).filter(
    ([, time]) => typeof time === 'string' && time !== '' && time !== goZeroTime,
  );
  return { ...others, ...Object.fromEntries(set), status: (textOf(status) || 'unknown') as ReleaseInfo['status'] };
}

function hookFromJson(json: JsonRecord): Hook {
  const run = isJsonObject(json['last_run']) ? json['last_run'] : {};
  const times = Object.entries(run).filter(([key, value]) => key !== 'phase' && value !== '' && value !== goZeroTime);
  return {
    ...json,
    name: textOf(json['name']),
    kind: textOf(json['kind']),
    path: textOf(json['path']),
    manifest: textOf(json['manifest']),
    events: (Array.isArray(json['events']) ? json['events'] : []) as Hook['events'],
    last_run: { ...Object.fromEntries(times), phase: textOf(run['phase']) as Hook['last_run']['phase'] },
  };
}

function chartFromJson(json: JsonRecord): ReleaseChart {
  const { lock, schema, schemamodtime = goZeroTime, ...others } = json;
  return {
    ...others,
    ...(schemamodtime === goZeroTime ? {} : { schemamodtime }),
    metadata: (isJsonObject(json['metadata']) ? json['metadata'] : {}) as unknown as ReleaseChart['metadata'],
    ...(isJsonObject(lock) ? { lock: lock as unknown as NonNullable<ReleaseChart['lock']> } : {}),
    templates: filesFromJson(json['templates']),
    values: isJsonObject(json['values']) ? json['values'] : {},
    ...(typeof schema === 'string' ? { schema: Buffer.from(schema, 'base64') } : {}),
    files: filesFromJson(json['files']),
  };
}

function filesFromJson(value: unknown): ChartFile[] {
  if (!Array.isArray(value)) return [];
  return value.filter(isJsonObject).map((file) => {
    const time = textOf(file['modtime']);
    const isSet = time !== '' && time !== goZeroTime && !Number.isNaN(Date.parse(time));
    return {
      name: textOf(file['name']),
      data: Buffer.from(textOf(file['data']), 'base64'),
      ...(isSet ? { modifiedAt: new Date(time) } : {}),
    };
  });
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
