import { readValues } from '../values/read-values.ts';
import type { Warn } from '../values/warning.ts';
import type { Chart, ChartFile, ChartLock, ChartMetadata, Values } from './chart.ts';
import type { Budget } from './chart-budget.ts';
import { ChartError } from './chart-error.ts';
import { readLock, readMetadata, validateMetadata } from './metadata.ts';
import { readArchive } from './read-archive.ts';

interface Parts {
  metadata: ChartMetadata | undefined;
  lock?: ChartLock;
  values: Values;
  schema?: Uint8Array;
  templates: ChartFile[];
  files: ChartFile[];
  /** By the first part of their names below `charts/`. */
  subcharts: Map<string, ChartFile[]>;
}

const textOf = ({ data }: ChartFile) => Buffer.from(data.buffer, data.byteOffset, data.length).toString();

/** Makes a chart of an archive, within what is left of a budget. */
export function loadArchive(data: Uint8Array, budget: Budget, warn?: Warn): Chart {
  if (budget.depth <= 0) throw new ChartError('archives of charts are nested too deeply');
  budget.depth -= 1;
  const files = readArchive(data, budget);
  const chart = loadFiles(files, budget, warn);
  budget.depth += 1;
  return chart;
}

/** Makes a chart of its files; names are relative to it, with `/` (HELM-LOAD-02, -04). */
export function loadFiles(files: readonly ChartFile[], budget: Budget, warn?: Warn): Chart {
  const parts = classify(files, warn);
  if (parts.metadata === undefined) throw new ChartError('Chart.yaml file is missing');
  const metadata = validateMetadata(parts.metadata);
  const dependencies = loadSubcharts(metadata.name, parts.subcharts, budget, warn);
  const { lock, schema, values, templates, files: others } = parts;
  const raw = files.filter(({ name }) => !name.startsWith('charts/'));
  return {
    metadata,
    ...(lock && { lock }),
    values,
    ...(schema && { schema }),
    templates,
    files: others,
    raw,
    dependencies,
  };
}

function classify(files: readonly ChartFile[], warn?: Warn): Parts {
  const chartFile = files.findLast(({ name }) => name === 'Chart.yaml');
  const metadata = chartFile && named('Chart.yaml', () => readMetadata(textOf(chartFile)));
  const parts: Parts = { metadata, values: {}, templates: [], files: [], subcharts: new Map() };
  for (const file of files) addFile(parts, file, warn);
  return parts;
}

function addFile(parts: Parts, file: ChartFile, warn?: Warn): void {
  switch (file.name) {
    case 'Chart.yaml':
      return;
    case 'Chart.lock':
      parts.lock = named(file.name, () => readLock(textOf(file)));
      return;
    case 'values.yaml':
      parts.values = named(file.name, () => readValues(textOf(file)));
      return;
    case 'values.schema.json':
      parts.schema = file.data;
      return;
    case 'requirements.yaml':
      parts.metadata = named(file.name, () => readMetadata(textOf(file), parts.metadata));
      addOldFile(parts, file, oldDependencies, warn);
      return;
    case 'requirements.lock':
      parts.lock = named(file.name, () => readLock(textOf(file)));
      addOldFile(parts, file, oldLock, warn);
      return;
    default:
      if (file.name.startsWith('templates/')) parts.templates.push(file);
      else if (file.name.startsWith('charts/') && !file.name.endsWith('.prov')) addSubchart(parts, file);
      else parts.files.push(file);
  }
}

const oldDependencies =
  'Warning: Dependencies are handled in Chart.yaml since apiVersion "v2". We recommend migrating dependencies to Chart.yaml.';
const oldLock =
  'Warning: Dependency locking is handled in Chart.lock since apiVersion "v2". We recommend migrating to Chart.lock.';

/** The files of the first chart format stay among the files of such charts only. */
function addOldFile(parts: Parts, file: ChartFile, message: string, warn?: Warn): void {
  if (parts.metadata?.apiVersion === 'v1') parts.files.push(file);
  else warn?.({ level: 'INFO', message });
}

function addSubchart(parts: Parts, file: ChartFile): void {
  const name = file.name.slice('charts/'.length);
  const [first = ''] = name.split('/', 1);
  const files = parts.subcharts.get(first) ?? [];
  files.push({ ...file, name });
  parts.subcharts.set(first, files);
}

/** In the order of their names: Helm's is random. */
function loadSubcharts(parent: string, found: Parts['subcharts'], budget: Budget, warn?: Warn): Chart[] {
  const names = [...found.keys()].filter((name) => !/^[_.]/.test(name) && name !== '').sort();
  const charts: Chart[] = [];
  for (const name of names) {
    try {
      const chart = loadSubchart({ parent, name, files: found.get(name) ?? [] }, budget, warn);
      if (chart) charts.push(chart);
    } catch (error) {
      if (error instanceof Misplaced || !(error instanceof Error)) throw error;
      throw new ChartError(`error unpacking subchart ${name} in ${parent}: ${error.message}`, { cause: error });
    }
  }
  return charts;
}

class Misplaced extends ChartError {}

interface Subchart {
  parent: string;
  name: string;
  files: readonly ChartFile[];
}

function loadSubchart({ parent, name, files }: Subchart, budget: Budget, warn?: Warn): Chart | undefined {
  if (!name.endsWith('.tgz')) {
    const own = files
      .filter((file) => file.name.length > name.length)
      .map((file) => ({ ...file, name: file.name.slice(name.length + 1) }));
    return loadFiles(own, budget, warn);
  }
  const [archive] = files;
  if (archive === undefined) return undefined;
  if (archive.name !== name) {
    throw new Misplaced(`error unpacking subchart tar in ${parent}: expected ${name}, got ${archive.name}`);
  }
  return loadArchive(archive.data, budget, warn);
}

function named<T>(file: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw new ChartError(`cannot load ${file}: ${error.message}`, { cause: error });
  }
}
