import type { HelmPostRenderer, HelmRelease } from '@flux/api';
import { type DigestAlgorithm, digest } from '@flux/crypto';
import { formatJson } from '@flux/yaml';

type Patch = NonNullable<NonNullable<HelmPostRenderer['kustomize']>['patches']>[number];
type Image = NonNullable<NonNullable<HelmPostRenderer['kustomize']>['images']>[number];

/** Digests of spec fields that change what is released without a change of chart or values (HELM-POST-04). */
export interface SpecDigests {
  postRenderers?: string;
  commonMetadata?: string;
}

export async function specDigestsOf({ spec }: HelmRelease, algorithm: DigestAlgorithm): Promise<SpecDigests> {
  const { postRenderers, commonMetadata } = spec;
  const hash = (value: unknown, sortKeys: boolean) =>
    digest(algorithm, `${formatJson(value, { escapeHtml: true, sortKeys })}\n`);
  return {
    ...(postRenderers && postRenderers.length > 0
      ? { postRenderers: await hash(postRenderers.map(orderRenderer), false) }
      : {}),
    ...(commonMetadata ? { commonMetadata: await hash(orderMetadata(commonMetadata), true) } : {}),
  };
}

function orderRenderer({ kustomize }: HelmPostRenderer): unknown {
  if (!kustomize) return {};
  const { patches, patchesStrategicMerge, patchesJson6902, images } = kustomize;
  return {
    kustomize: {
      patches: nonEmpty(patches?.map(orderPatch)),
      patchesStrategicMerge: nonEmpty(patchesStrategicMerge),
      patchesJson6902: nonEmpty(patchesJson6902),
      images: nonEmpty(images?.map(orderImage)),
    },
  };
}

function orderPatch({ patch, target }: Patch): unknown {
  return { patch, target: target && orderTarget(target) };
}

/** The key order of kustomize's Selector. */
function orderTarget(target: NonNullable<Patch['target']>): unknown {
  const { group, version, kind, namespace, name, annotationSelector, labelSelector } = target;
  const members = { group, version, kind, namespace, name, annotationSelector, labelSelector };
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value));
}

function orderImage({ name, newName, newTag, digest: imageDigest }: Image): unknown {
  const members = { newName, newTag, digest: imageDigest };
  return { name, ...Object.fromEntries(Object.entries(members).filter(([, value]) => value)) };
}

function nonEmpty<T>(list: readonly T[] | undefined): readonly T[] | undefined {
  return list && list.length > 0 ? list : undefined;
}

function orderMetadata({ annotations, labels }: NonNullable<HelmRelease['spec']['commonMetadata']>): unknown {
  const hasMembers = (map: object | undefined) => map !== undefined && Object.keys(map).length > 0;
  return { ...(hasMembers(annotations) ? { annotations } : {}), ...(hasMembers(labels) ? { labels } : {}) };
}
