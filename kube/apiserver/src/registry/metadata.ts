import type { KubeObject, ObjectMeta, OwnerReference } from '@flux/apimachinery';
import {
  type FieldError,
  forbiddenField,
  GoStructValue,
  invalidField,
  requiredField,
  tooLongField,
} from '../status.ts';
import {
  invalidAt,
  label1035Problems,
  labelProblems,
  labelValueProblems,
  pathSegmentProblems,
  qualifiedNameProblems,
  subdomainProblems,
} from './names.ts';
import type { Resource } from './resource.ts';

const nameRules = {
  subdomain: subdomainProblems,
  label: labelProblems,
  label1035: label1035Problems,
  path: pathSegmentProblems,
};

const maxAnnotationBytes = 256 * 1024;

/** Checks of ObjectMeta that every kind has, with the texts of the API server. */
export function validateMetadata(object: KubeObject, resource: Resource): FieldError[] {
  const { metadata } = object;
  const errors: FieldError[] = [];
  const rule = nameRules[resource.strategy.nameRule ?? 'subdomain'];
  if (metadata.generateName)
    errors.push(...invalidAt('metadata.generateName', metadata.generateName, generateNameProblems(metadata, rule)));
  if (!metadata.name) errors.push(requiredField('metadata.name', 'name or generateName is required'));
  else errors.push(...invalidAt('metadata.name', metadata.name, rule(metadata.name)));
  if (resource.namespaced && metadata.namespace) {
    errors.push(...invalidAt('metadata.namespace', metadata.namespace, labelProblems(metadata.namespace)));
  }
  return [
    ...errors,
    ...validateMaps(metadata, 'metadata'),
    ...validateOwners(metadata),
    ...validateFinalizers(metadata, resource),
  ];
}

/** Only the last character of a prefix may be one that a name cannot end with. */
function generateNameProblems(metadata: ObjectMeta, rule: (name: string) => string[]): string[] {
  return rule(
    `${metadata.generateName!.replace(/-$/, '')}${metadata.generateName!.endsWith('-') ? 'a' : ''}`.slice(0, 253),
  );
}

function validateMaps(metadata: ObjectMeta, path: string): FieldError[] {
  return [
    ...validateLabels(metadata.labels, `${path}.labels`),
    ...validateAnnotations(metadata, `${path}.annotations`),
  ];
}

export function validateLabels(labels: Record<string, string> | undefined, path: string): FieldError[] {
  const errors: FieldError[] = [];
  for (const [key, value] of Object.entries(labels ?? {}).sort(([a], [b]) => (a < b ? -1 : 1))) {
    errors.push(...invalidAt(path, key, qualifiedNameProblems(key)));
    errors.push(...invalidAt(path, value, labelValueProblems(value)));
  }
  return errors;
}

function validateAnnotations({ annotations }: ObjectMeta, path: string): FieldError[] {
  const errors: FieldError[] = [];
  let bytes = 0;
  for (const [key, value] of Object.entries(annotations ?? {})) {
    errors.push(...invalidAt(path, key, qualifiedNameProblems(key.toLowerCase())));
    bytes += Buffer.byteLength(key) + Buffer.byteLength(value);
  }
  if (bytes > maxAnnotationBytes) errors.push(tooLongField(path, maxAnnotationBytes));
  return errors;
}

function validateOwners({ ownerReferences }: ObjectMeta): FieldError[] {
  const errors: FieldError[] = [];
  const controllers: string[] = [];
  const path = 'metadata.ownerReferences';
  for (const owner of ownerReferences ?? []) {
    if (owner.apiVersion === 'v1' && owner.kind === 'Event') {
      errors.push(invalidField(path, owner, '/v1, Kind=Event is disallowed from being an owner'));
    }
    // Without exactly one slash Go finds no version in it.
    const parts = owner.apiVersion.split('/');
    const version = parts.length > 2 ? '' : parts.pop();
    if (!version) errors.push(invalidField(`${path}.apiVersion`, owner.apiVersion, 'version must not be empty'));
    if (!owner.kind) errors.push(invalidField(`${path}.kind`, owner.kind ?? '', 'must not be empty'));
    if (!owner.name) errors.push(invalidField(`${path}.name`, owner.name ?? '', 'must not be empty'));
    if (!owner.uid) errors.push(invalidField(`${path}.uid`, owner.uid ?? '', 'must not be empty'));
    if (owner.controller) controllers.push(`${owner.kind}/${owner.name}`);
  }
  if (controllers.length > 1) {
    errors.push(
      invalidField(
        'metadata.ownerReferences',
        (ownerReferences ?? []).map(shownOwner),
        `Only one reference can have Controller set to true. Found "true" in references for ${controllers[0]} and ${controllers[1]}`,
      ),
    );
  }
  return errors;
}

/** An owner with its members in Go's order. */
function shownOwner({ apiVersion, kind, name, uid, controller, blockOwnerDeletion }: OwnerReference): GoStructValue {
  return new GoStructValue({ apiVersion, kind, name, uid, controller, blockOwnerDeletion });
}

const standardFinalizers = new Set(['orphan', 'foregroundDeletion', 'kubernetes']);

function validateFinalizers({ finalizers }: ObjectMeta, resource: Resource): FieldError[] {
  // Definitions and custom resources are checked by another part of Kubernetes, which lacks this rule.
  const hasOwnRule = resource.builtin && resource.group !== 'apiextensions.k8s.io';
  const errors: FieldError[] = [];
  for (const [index, finalizer] of (finalizers ?? []).entries()) {
    errors.push(...invalidAt('metadata.finalizers', finalizer, qualifiedNameProblems(finalizer)));
    if (hasOwnRule && !finalizer.includes('/') && !standardFinalizers.has(finalizer)) {
      const rule = 'name is neither a standard finalizer name nor is it fully qualified';
      errors.push(invalidField(`metadata.finalizers[${index}]`, finalizer, rule));
    }
  }
  const set = new Set(finalizers);
  if (set.has('orphan') && set.has('foregroundDeletion')) {
    errors.push(
      invalidField('metadata.finalizers', finalizers, 'finalizer orphan and foregroundDeletion cannot be both set'),
    );
  }
  return errors;
}

/** What an update may not do to metadata. */
export function validateMetadataUpdate(object: KubeObject, old: KubeObject): FieldError[] {
  const errors: FieldError[] = [];
  if (old.metadata.deletionTimestamp) {
    const before = new Set(old.metadata.finalizers);
    const added = (object.metadata.finalizers ?? []).filter((finalizer) => !before.has(finalizer));
    if (added.length > 0) {
      const shown = added.map((finalizer) => JSON.stringify(finalizer)).join(', ');
      errors.push(
        forbiddenField(
          'metadata.finalizers',
          `no new finalizers can be added if the object is being deleted, found new finalizers []string{${shown}}`,
        ),
      );
    }
  }
  for (const field of ['name', 'namespace', 'uid'] as const) {
    const value = object.metadata[field] ?? '';
    if (value !== (old.metadata[field] ?? ''))
      errors.push(invalidField(`metadata.${field}`, value, 'field is immutable'));
  }
  return errors;
}

/** Finalizers without a domain work, but may collide. */
export function finalizerWarnings(object: KubeObject): string[] {
  const known = new Set(['orphan', 'foregroundDeletion', 'kubernetes']);
  return (object.metadata.finalizers ?? [])
    .filter((finalizer) => !finalizer.includes('/') && !known.has(finalizer))
    .map(
      (finalizer) =>
        `metadata.finalizers: ${JSON.stringify(finalizer)}: prefer a domain-qualified finalizer name including a path (/) to avoid accidental conflicts with other finalizer writers`,
    );
}
