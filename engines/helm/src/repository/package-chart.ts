import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { FluxError } from '@flux/errors';
import { formatYaml } from '@flux/yaml';
import type { Chart, ChartMetadata } from '../chart/chart.ts';
import { ChartError } from '../chart/chart-error.ts';
import { validateMetadata } from '../chart/metadata.ts';

/** A chart cannot be packaged. */
export class PackageError extends FluxError {
  override readonly code = 'HELM_PACKAGE';
}

export interface PackageOptions {
  /** What every file is dated; the start of 1970 by default, so that the same chart has the same bytes. */
  modifiedAt?: Date;
}

/**
 * A chart as `.tgz`, in Helm's order and with its modes: Chart.yaml and Chart.lock are written anew, all else is taken as it is.
 * The bytes depend on the chart only, unlike those of Helm, which date files (SRC trap 6).
 */
export async function packageChart(
  chart: Chart,
  { modifiedAt = new Date(0) }: PackageOptions = {},
): Promise<Uint8Array> {
  const valid = { ...chart, metadata: validate(chart.metadata) };
  const entries = [...chartEntries(valid, '')];
  const chunks: Buffer[] = [];
  await pipeline(tarBlocks(entries, modifiedAt), createGzip(), async (packed: AsyncIterable<Buffer>) => {
    for await (const chunk of packed) chunks.push(chunk);
  });
  return Buffer.concat(chunks);
}

/** The tar piece by piece: a chart may have 10 MB, and there are its files and what is made of them besides. */
async function* tarBlocks(entries: readonly Entry[], mtime: Date): AsyncGenerator<Uint8Array> {
  const { createTarPacker } = await import('modern-tar');
  const { readable, controller } = createTarPacker();
  const reader = readable.getReader();
  const writing = writeEntries(controller, entries, mtime).catch((error: unknown) => controller.error(error));
  for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value;
  await writing;
}

async function writeEntries(controller: TarController, entries: readonly Entry[], mtime: Date): Promise<void> {
  for (const { name, data } of entries) {
    const header = { name, size: data.length, type: 'file', mode: 0o644, mtime, uid: 0, gid: 0 } as const;
    const body = controller.add(header).getWriter();
    if (data.length > 0) await body.write(data);
    await body.close();
  }
  controller.finalize();
}

type TarController = ReturnType<typeof import('modern-tar').createTarPacker>['controller'];

function validate(metadata: ChartMetadata): ChartMetadata {
  try {
    return validateMetadata(metadata);
  } catch (error) {
    if (error instanceof ChartError) throw new PackageError(`chart validation: ${error.message}`, { cause: error });
    throw error;
  }
}

interface Entry {
  name: string;
  data: Uint8Array;
}

/** helm chart/v2/util/save.go writeTarContents. */
function* chartEntries(chart: Chart, prefix: string): Generator<Entry> {
  const { metadata, lock, schema, raw, templates, files, dependencies } = chart;
  if (!isFileName(metadata.name)) throw new PackageError(`"${metadata.name}" is not a valid chart name`);
  const base = `${prefix}${metadata.name}/`;
  const text = (name: string, value: object): Entry => ({ name: base + name, data: Buffer.from(formatYaml(value)) });
  yield text('Chart.yaml', writtenMetadata(metadata));
  if (metadata.apiVersion === 'v2' && lock) yield text('Chart.lock', lock);
  const values = raw.find(({ name }) => name === 'values.yaml');
  if (values) yield { name: `${base}values.yaml`, data: values.data };
  if (schema) {
    checkSchema(schema);
    yield { name: `${base}values.schema.json`, data: schema };
  }
  for (const { name, data } of [...templates, ...files]) yield { name: base + name, data };
  for (const dependency of dependencies) yield* chartEntries(dependency, `${base}charts/`);
}

function isFileName(name: string): boolean {
  return name !== '' && name !== '.' && name !== '..' && !name.includes('/');
}

/** Of v1 charts the dependencies are in requirements.yaml. */
function writtenMetadata({ dependencies, ...rest }: ChartMetadata): object {
  return rest.apiVersion === 'v1' || dependencies === undefined ? rest : { ...rest, dependencies };
}

function checkSchema(schema: Uint8Array): void {
  try {
    JSON.parse(Buffer.from(schema).toString('utf8'));
  } catch {
    throw new PackageError('invalid JSON in values.schema.json');
  }
}
