import { isJsonObject } from '@flux/apimachinery';
import { messageOf } from '@flux/errors';
import { compareCodePoints } from '@flux/gotypes';
import { formatYaml, formatYamlDocuments, parseYaml, parseYamlDocuments } from '@flux/yaml';
import { RenderError } from './render-error.ts';
import { isEmptyFile, sortManifests } from './sort-manifests.ts';
import { splitManifests } from './split-manifests.ts';

/** Changes a stream of YAML documents: gets all and returns all, in any order, more or fewer. */
export type PostRenderer = (manifests: string) => string | Promise<string>;

/** Whether hooks go to the renderer together with the other documents, in a call of their own, or not at all (HELM-POST-03). */
export type PostRenderStrategy = 'combined' | 'separate' | 'nohooks';

export interface PostRenderOptions {
  render: PostRenderer;
  /** `combined` unless given, as in Helm 4. */
  strategy?: PostRenderStrategy;
}

type Files = ReadonlyMap<string, string>;

/** Carries the file of a document through the renderer. */
const fileAnnotation = 'postrenderer.helm.sh/postrender-filename';

/** Sends rendered files through a post renderer and files its documents again by where they came from (HELM-POST-02). */
export async function postRender(files: Files, options: PostRenderOptions): Promise<Files> {
  const strategy = options.strategy ?? 'combined';
  if (strategy === 'combined') return renderGroup(files, options.render, undefined);
  const { hooks, manifests } = sortManifests(files);
  const hookFiles = joinByPath(hooks.map(({ path, manifest }) => ({ path, text: manifest })));
  const hookResult = strategy === 'separate' ? await renderGroup(hookFiles, options.render, 'hooks') : hookFiles;
  const manifestResult = await renderGroup(joinByPath(manifests), options.render, 'manifests');
  return joinByPath([...hookResult, ...manifestResult].map(([path, text]) => ({ path, text })));
}

function joinByPath(documents: readonly { path: string; text: string }[]): Map<string, string> {
  const files = new Map<string, string>();
  for (const { path, text } of documents) {
    const before = files.get(path);
    files.set(path, before === undefined ? text : `${before}\n---\n${text}`);
  }
  return files;
}

type Group = 'hooks' | 'manifests' | undefined;

async function renderGroup(files: Files, render: PostRenderer, group: Group): Promise<Files> {
  if (group !== undefined && files.size === 0) return files;
  const stream = prefixed(`error merging ${group ?? 'manifests'}`, () => mergeFiles(files));
  let output: string;
  try {
    output = await render(stream);
  } catch (error) {
    throw withPrefix(`error while running post render on ${group ?? 'files'}`, error);
  }
  const suffix = group === undefined ? '' : ` for ${group}`;
  return prefixed(`error while parsing post rendered output${suffix}`, () => splitStream(output, group));
}

/** All documents in one stream, each with an annotation that names its file. */
function mergeFiles(files: Files): string {
  const documents: unknown[] = [];
  for (const path of [...files.keys()].sort(compareCodePoints)) {
    const text = files.get(path) ?? '';
    if (isEmptyFile(path, text)) continue;
    for (const part of splitManifests(text)) {
      documents.push(...prefixed(`parsing ${path}`, () => readObjects(part)).map((object) => annotate(object, path)));
    }
  }
  return formatYamlDocuments(documents);
}

/** The objects of a document: one, those of a list, or none. */
function readObjects(text: string): Record<string, unknown>[] {
  const value = prefixed('MalformedYAMLError', () => parseYaml(text, { mode: 'v3' }));
  if (value === null) return [];
  if (!isJsonObject(value)) {
    const kind = Array.isArray(value) ? 'SequenceNode' : 'ScalarNode';
    throw new RenderError(
      `wrong Node Kind for  expected: MappingNode was ${kind}: value: {${formatYaml(value).trim()}}`,
    );
  }
  const { kind, items } = value;
  const isList = (kind === 'List' || kind === 'ResourceList') && Array.isArray(items);
  return isList ? items.filter(isJsonObject) : [value];
}

function annotate(object: Record<string, unknown>, path: string): Record<string, unknown> {
  const metadata = isJsonObject(object['metadata']) ? object['metadata'] : {};
  const annotations = isJsonObject(metadata['annotations']) ? metadata['annotations'] : {};
  return { ...object, metadata: { ...metadata, annotations: { ...annotations, [fileAnnotation]: path } } };
}

/** The documents that came back, under the file that each names; new ones get a name of their own. */
function splitStream(output: string, group: Group): Files {
  const documents = prefixed('error parsing YAML', () => parseYamlDocuments(output, { mode: 'v3' }));
  const byPath = new Map<string, unknown[]>();
  for (const [index, document] of documents.entries()) {
    const { path, object } = takeAnnotation(document);
    const name = path ?? `generated-by-postrender-${group === undefined ? '' : `${group}-`}${index}.yaml`;
    byPath.set(name, [...(byPath.get(name) ?? []), object]);
  }
  return new Map([...byPath].map(([path, objects]) => [path, formatYamlDocuments(objects, { foldsLines: false })]));
}

function takeAnnotation(document: unknown): { path: string | undefined; object: unknown } {
  if (!isJsonObject(document) || !isJsonObject(document['metadata'])) return { path: undefined, object: document };
  const { annotations, ...metadata } = document['metadata'];
  if (!isJsonObject(annotations) || !Object.hasOwn(annotations, fileAnnotation))
    return { path: undefined, object: document };
  const { [fileAnnotation]: path, ...others } = annotations;
  const rest = Object.keys(others).length === 0 ? metadata : { ...metadata, annotations: others };
  return { path: String(path), object: { ...document, metadata: rest } };
}

function prefixed<T>(prefix: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw withPrefix(prefix, error);
  }
}

function withPrefix(prefix: string, error: unknown): RenderError {
  return new RenderError(`${prefix}: ${messageOf(error)}`, { cause: error });
}
