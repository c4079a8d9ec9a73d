import type { JsonValue } from '@flux/apimachinery';
import { BuildError, withPrefix } from '../errors.ts';
import { isObject } from '../json.ts';
import type { Loader } from '../loader/loader.ts';
import { readConfig } from '../read-yaml.ts';
import { type Kustomization, kustomizationShape } from './kustomization.ts';

/** In the order in which they are looked for (KUS-GEN-01). */
export const kustomizationFileNames: readonly string[] = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'];

export const kustomizationApi = 'kustomize.config.k8s.io/v1beta1';
const componentApi = 'kustomize.config.k8s.io/v1alpha1';

interface KustomizationFile {
  readonly name: string;
  readonly kustomization: Kustomization;
}

/** Reads, checks and normalises the only kustomization file of a directory; deprecated fields are reported to `warn`. */
export function loadKustomization(loader: Loader, warn: (message: string) => void): KustomizationFile {
  const names = kustomizationFileNames.filter((name) => loader.hasFile(name));
  const [name] = names;
  if (name === undefined) {
    throw new BuildError(
      "unable to find one of 'kustomization.yaml', 'kustomization.yml' or 'Kustomization' in directory " +
        `'${loader.root}'`,
    );
  }
  if (names.length > 1) throw new BuildError(`Found multiple kustomization files under: ${loader.root}\n`);
  const raw = parseKustomization(loader.loadText(name));
  const kustomization = withPrefix('invalid Kustomization', () =>
    kustomizationShape(raw, { struct: '', path: '', strict: true, lenient: false }),
  );
  for (const message of deprecations(kustomization)) warn(message);
  normalise(kustomization);
  if (isEmpty(raw)) throw new BuildError('kustomization.yaml is empty');
  enforce(kustomization, loader.root);
  return { name, kustomization };
}

/** The document as plain data; kustomize reads its own file with YAML 1.1 scalars (sigs.k8s.io/yaml). */
function parseKustomization(text: string): JsonValue {
  return withPrefix('invalid Kustomization', () => readConfig(text));
}

const editFix = "Run 'kustomize edit fix' to update your Kustomization automatically.";

function deprecations(kustomization: Kustomization): string[] {
  const rules: [unknown, string, string, string][] = [
    [kustomization.bases, 'bases', 'resources', editFix],
    [kustomization.commonLabels, 'commonLabels', 'labels', editFix],
    [kustomization.imageTags, 'imageTags', 'images', editFix],
    [kustomization.patchesJson6902, 'patchesJson6902', 'patches', editFix],
    [kustomization.patchesStrategicMerge, 'patchesStrategicMerge', 'patches', editFix],
    [kustomization.vars, 'vars', 'replacements', `[EXPERIMENTAL] ${editFix}`],
  ];
  return rules
    .filter(([value]) => value !== undefined)
    .map(
      ([, field, instead, advice]) => `# Warning: '${field}' is deprecated. Please use '${instead}' instead. ${advice}`,
    );
}

function normalise(kustomization: Kustomization): void {
  if (kustomization.kind === '') kustomization.kind = 'Kustomization';
  if (kustomization.apiVersion === '') {
    kustomization.apiVersion = kustomization.kind === 'Component' ? componentApi : kustomizationApi;
  }
  kustomization.resources.push(...(kustomization.bases ?? []));
  kustomization.images.push(...(kustomization.imageTags ?? []));
  for (const args of [...kustomization.configMapGenerator, ...kustomization.secretGenerator]) {
    if (args.env !== '') args.envs.push(args.env);
    args.env = '';
  }
}

/** Empty means: nothing set besides apiVersion and kind. A field that holds its zero value counts as unset. */
function isEmpty(raw: JsonValue): boolean {
  if (!isObject(raw)) return true;
  return Object.keys(raw).every((key) => {
    const value = raw[key];
    const lower = key.toLowerCase();
    return lower === 'apiversion' || lower === 'kind' || value === null || value === '' || value === undefined;
  });
}

function enforce(kustomization: Kustomization, root: string): void {
  const { kind, apiVersion } = kustomization;
  const problems: string[] = [];
  if (kind !== 'Kustomization' && kind !== 'Component') problems.push('kind should be Kustomization or Component');
  const required = kind === 'Component' ? componentApi : kustomizationApi;
  if (apiVersion !== required) problems.push(`apiVersion for ${kind} should be ${required}`);
  if (problems.length > 0) {
    throw new BuildError(`Failed to read kustomization file under ${root}:\n${problems.join('\n')}`);
  }
}
