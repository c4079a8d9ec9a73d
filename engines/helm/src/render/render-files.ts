import { basename } from 'node:path/posix';
import { getMember } from '@flux/apimachinery';
import {
  fn,
  type GoMap,
  isGoMap,
  type Limits,
  type ParsedFile,
  setKey,
  TemplateError,
  TemplateSet,
  textOf,
} from '@flux/gotemplate';
import { compareCodePoints } from '@flux/gotypes';
import {
  executeErrorText,
  type HelmFunctionOptions,
  helmChart,
  helmFiles,
  helmFunctions,
  helmRelease,
  helmValues,
  includeFunctions,
  parseErrorText,
} from '@flux/sprig';
import type { Chart, ChartFile, Values } from '../chart/chart.ts';
import { type Capabilities, templateCapabilities } from './capabilities.ts';
import { RenderError } from './render-error.ts';

/** What templates know as `.Release`. */
export interface ReleaseOptions {
  name: string;
  namespace: string;
  /** 1 unless given. */
  revision?: number;
  isUpgrade?: boolean;
}

export interface RenderFilesOptions extends Pick<HelmFunctionOptions, 'lookup' | 'now' | 'randomBytes'> {
  release: ReleaseOptions;
  /** For `getHostByName`, which gives nothing without it. */
  resolveHost?: (name: string) => string;
  capabilities: Capabilities;
  /** A key that is missing from a map is an error; Helm renders so only in `helm lint --strict`. */
  strict?: boolean;
  /** What all templates of the chart together may use up. */
  limits?: Partial<Limits>;
}

interface Template {
  file: ChartFile;
  scope: GoMap;
  basePath: string;
}

/** Renders every template of a chart and its subcharts with coalesced values; texts by path, partials left out (HELM-TPL-02). */
export function renderFiles(chart: Chart, values: Values, options: RenderFilesOptions): Map<string, string> {
  const { name, namespace, revision = 1, isUpgrade = false } = options.release;
  const top: GoMap = {
    Release: helmRelease({ name, namespace, revision, isInstall: !isUpgrade }),
    Capabilities: templateCapabilities(options.capabilities),
    Values: helmValues(values),
  };
  const templates = new Map<string, Template>();
  collect({ chart, path: chart.metadata.name, isRoot: true }, top, templates);
  const strict = options.strict ?? false;
  const set = setFor(options, strict);
  const paths = inParseOrder(templates);
  for (const path of paths) addFile(set, path, templates.get(path)?.file);
  const files = new Map<string, string>();
  set.underLimits(options.limits ?? {}, () => {
    for (const path of paths) {
      if (basename(path).startsWith('_')) continue;
      files.set(path, execute(set, path, templates.get(path), strict));
    }
  });
  return files;
}

/** Functions that are the same in every rendering. */
let commonFunctions: TemplateSet | undefined;

function setFor(options: RenderFilesOptions, strict: boolean): TemplateSet {
  const { lookup, resolveHost, now, randomBytes } = options;
  commonFunctions ??= new TemplateSet({ functions: helmFunctions() });
  const isCommon = now === undefined && randomBytes === undefined;
  const common = isCommon ? commonFunctions : new TemplateSet({ functions: helmFunctions(options) });
  const set: TemplateSet = common.clone({
    functions: {
      ...includeFunctions(() => set, strict),
      lookup: fn('string, string, string, string', (...question: [string, string, string, string]) => {
        return lookup?.(...question) ?? {};
      }),
      getHostByName: fn('string', (name: string) => resolveHost?.(name) ?? ''),
    },
  });
  return set;
}

interface Place {
  chart: Chart;
  path: string;
  isRoot: boolean;
}

/** Puts the templates of a chart under their paths and returns what they see, which is also `.Subcharts.x` of the parent. */
function collect({ chart, path, isRoot }: Place, parent: GoMap, templates: Map<string, Template>): GoMap {
  const { name, type } = chart.metadata;
  const parentValues = parent['Values'];
  const own = isRoot || !isGoMap(parentValues) ? parentValues : getMember(parentValues, name);
  const subcharts: GoMap = {};
  const scope = helmValues({
    Chart: helmChart({ ...chart.metadata }, isRoot),
    Files: helmFiles(filesOf(chart)),
    Release: parent['Release'],
    Capabilities: parent['Capabilities'],
    Values: helmValues(isGoMap(own) ? own : {}),
    Subcharts: subcharts,
  });
  for (const child of chart.dependencies) {
    const at = { chart: child, path: `${path}/charts/${child.metadata.name}`, isRoot: false };
    setKey(subcharts, child.metadata.name, collect(at, scope, templates));
  }
  for (const file of chart.templates) {
    if (type === 'library' && !basename(file.name).startsWith('_')) continue;
    templates.set(`${path}/${file.name}`, { file, scope, basePath: `${path}/templates` });
  }
  return scope;
}

function filesOf(chart: Chart): Record<string, Uint8Array> {
  return Object.fromEntries(chart.files.map(({ name, data }) => [name, data]));
}

/** Deeper paths first, then backwards by name: the definitions of a parent are read last and win (HELM-TPL-02). */
function inParseOrder(templates: ReadonlyMap<string, Template>): string[] {
  const paths = [...templates.keys()].map((path) => ({ path, depth: path.split('/').length }));
  return paths.sort((a, b) => b.depth - a.depth || compareCodePoints(b.path, a.path)).map(({ path }) => path);
}

/** What files were parsed to under a path; a chart that is in memory is rendered again and again, and its files never change. */
const parsedFiles = new WeakMap<ChartFile, { path: string; parsed: ParsedFile }>();

function addFile(set: TemplateSet, path: string, file: ChartFile | undefined): void {
  if (file === undefined) return;
  const known = parsedFiles.get(file);
  const parsed = known?.path === path ? known.parsed : parse(set, path, file);
  if (known === undefined) parsedFiles.set(file, { path, parsed });
  set.add(parsed);
}

function parse(set: TemplateSet, path: string, file: ChartFile): ParsedFile {
  try {
    return set.parseFile(path, textOf(file.data));
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    throw new RenderError(parseErrorText(path, error.message), { cause: error });
  }
}

function execute(set: TemplateSet, path: string, template: Template | undefined, strict: boolean): string {
  const scope = template?.scope ?? {};
  scope['Template'] = helmValues({ Name: path, BasePath: template?.basePath });
  try {
    const text = set.execute(path, scope, { missingKey: strict ? 'error' : 'zero' });
    // Go writes this for what is missing even where a zero value is asked for, and Helm takes it out again (HELM-TPL-03).
    return text.includes('<no value>') ? text.replaceAll('<no value>', '') : text;
  } catch (error) {
    throw new RenderError(executeErrorText(path, error), { cause: error });
  }
}
