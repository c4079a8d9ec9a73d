import type { HelmPostRenderer, HelmRelease } from '@flux/api';
import { gvkOf, isJsonObject } from '@flux/apimachinery';
import { FluxError } from '@flux/errors';
import { memoryFileSystem } from '@flux/fs';
import { formatYaml, formatYamlDocuments, parseYamlDocuments } from '@flux/yaml';
import { originLabelsOf } from './names.ts';

type Kustomize = NonNullable<HelmPostRenderer['kustomize']>;
type Document = Record<string, unknown>;

/** A post renderer refused the manifests. */
class PostRenderError extends FluxError {
  override readonly code = 'HELM_POST_RENDER';
}

/**
 * The chain of HELM-POST-01: each kustomize renderer, common metadata, then the labels that name the HelmRelease. The
 * kustomize engine is loaded only when a renderer asks for it.
 */
export function postRendererOf(object: HelmRelease): (manifests: string) => Promise<string> {
  const { postRenderers = [], commonMetadata } = object.spec;
  const origin = originLabelsOf(object);
  return async (manifests) => {
    let text = manifests;
    for (const { kustomize } of postRenderers) if (kustomize) text = await kustomizeText(text, kustomize);
    const documents = parseYamlDocuments(text, { mode: 'v3' }).filter(isJsonObject);
    refuseDuplicates(documents);
    const labels = { ...commonMetadata?.labels, ...origin };
    return formatYamlDocuments(
      documents.map((document) => withMetadata(document, labels, commonMetadata?.annotations)),
    );
  };
}

async function kustomizeText(manifests: string, kustomize: Kustomize): Promise<string> {
  const { build, resourcesToYaml } = await import('@flux/kustomize');
  const { patches, patchesStrategicMerge, patchesJson6902, images } = kustomize;
  const kustomization = {
    apiVersion: 'kustomize.config.k8s.io/v1beta1',
    kind: 'Kustomization',
    resources: ['helm-output.yaml'],
    ...(images ? { images } : {}),
    ...(patches ? { patches } : {}),
    ...(patchesStrategicMerge
      ? { patchesStrategicMerge: patchesStrategicMerge.map((patch) => formatYaml(patch)) }
      : {}),
    ...(patchesJson6902
      ? { patchesJson6902: patchesJson6902.map(({ patch, target }) => ({ patch: formatYaml(patch), target })) }
      : {}),
  };
  const files = memoryFileSystem({
    '/kustomization.yaml': formatYaml(kustomization),
    '/helm-output.yaml': manifests,
  });
  return resourcesToYaml(
    await build(files, '/', { reorder: 'none', loadRestrictions: 'none', keepBuiltinSchemas: true }),
  );
}

/** Every release goes through kustomize in Flux, which takes no object twice (HELM-POST-02). */
function refuseDuplicates(documents: readonly Document[]): void {
  const seen = new Set<string>();
  for (const document of documents) {
    const id = idOf(document);
    if (id === undefined) continue;
    if (seen.has(id)) throw new PostRenderError(`may not add resource with an already registered id: ${id}`);
    seen.add(id);
  }
}

function idOf({ apiVersion, kind, metadata }: Document): string | undefined {
  if (typeof apiVersion !== 'string' || typeof kind !== 'string' || !isJsonObject(metadata)) return undefined;
  const { name, namespace } = metadata;
  if (typeof name !== 'string' || name === '') return undefined;
  const { group, version } = gvkOf({ apiVersion, kind });
  const at = typeof namespace === 'string' && namespace !== '' ? namespace : '[noNs]';
  return `${kind}.${version || '[noVer]'}.${group || '[noGrp]'}/${name}.${at}`;
}

function withMetadata(
  document: Document,
  labels: Record<string, string>,
  annotations: Record<string, string> | undefined,
): Document {
  const metadata = isJsonObject(document['metadata']) ? document['metadata'] : {};
  const merge = (field: 'labels' | 'annotations', added: Record<string, string>) => ({
    [field]: { ...(isJsonObject(metadata[field]) ? metadata[field] : {}), ...added },
  });
  return {
    ...document,
    metadata: {
      ...metadata,
      ...(annotations && Object.keys(annotations).length > 0 ? merge('annotations', annotations) : {}),
      ...merge('labels', labels),
    },
  };
}
