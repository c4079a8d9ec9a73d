import {
  deepCopy,
  isJsonObject,
  type JsonObject,
  type KubeObject,
  type ObjectMeta,
  type OwnerReference,
} from '@flux/apimachinery';

/** An owner in an archive: by name, since the other cluster gives it another uid. */
export type PortableOwner = Omit<OwnerReference, 'uid'>;

const tokenSecret = 'kubernetes.io/service-account-token';
const generatedLabels = [
  'controller-uid',
  'job-name',
  'batch.kubernetes.io/controller-uid',
  'batch.kubernetes.io/job-name',
];
const accountUid = 'kubernetes.io/service-account.uid';

/**
 * An object as an archive holds it: without what only means something to the cluster it comes from (uid, resourceVersion,
 * times, uids of owners). The generation stays, because the status refers to it, and so do managed fields, so that fields that
 * leave the manifests later also leave the object.
 */
export function portableObject(object: KubeObject, { keepStatus }: { keepStatus: boolean }): KubeObject {
  const { apiVersion, kind, metadata, status, ...content } = object;
  return {
    apiVersion,
    kind,
    metadata: portableMetadata(metadata),
    ...portableContent(kind, content),
    ...(keepStatus && status !== undefined ? { status } : {}),
  };
}

function portableMetadata(metadata: ObjectMeta): ObjectMeta {
  const { name, namespace, labels, annotations, finalizers, ownerReferences, generation, managedFields } = metadata;
  const { [accountUid]: _, ...kept } = annotations ?? {};
  return {
    name,
    ...(namespace ? { namespace } : {}),
    ...(generation ? { generation } : {}),
    ...(labels ? { labels } : {}),
    ...(Object.keys(kept).length > 0 ? { annotations: kept } : {}),
    ...(finalizers?.length ? { finalizers } : {}),
    ...(ownerReferences?.length ? { ownerReferences: ownerReferences.map(portableOwner) } : {}),
    ...(managedFields?.length ? { managedFields } : {}),
  };
}

function portableOwner({ uid: _, ...owner }: OwnerReference): OwnerReference {
  return owner satisfies PortableOwner as OwnerReference;
}

function portableContent(kind: string, content: JsonObject): JsonObject {
  if (kind === 'Secret' && content['type'] === tokenSecret) return withoutToken(content);
  return kind === 'Job' ? withoutGeneratedSelector(content) : content;
}

/** What the API server generates for a Job holds its uid, and it refuses to be given it. */
function withoutGeneratedSelector(content: JsonObject): JsonObject {
  const { spec } = content;
  if (!isJsonObject(spec) || spec['manualSelector'] === true) return content;
  const kept = deepCopy(spec as JsonObject);
  delete kept['selector'];
  const template = isJsonObject(kept['template']) ? kept['template']['metadata'] : undefined;
  const labels = isJsonObject(template) ? template['labels'] : undefined;
  if (isJsonObject(labels)) for (const label of generatedLabels) delete labels[label];
  return { ...content, spec: kept };
}

/** The token would be refused elsewhere; the other cluster fills the Secret with one of its own. */
function withoutToken({ data: _, ...content }: JsonObject): JsonObject {
  return content;
}
