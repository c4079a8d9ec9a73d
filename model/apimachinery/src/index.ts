/**
 * The data model of the Kubernetes API, with no I/O: objects and their identity, selectors, patches, structured merge
 * (managed fields), structural schemas and the server's Status. Start with `object.ts`.
 */
export { deepCopy, deepEqual, getMember, setMember } from './deep.ts';
export { applyDefaults } from './defaults.ts';
export * from './field-error.ts';
export { type FieldRequirement, FieldSelector, parseFieldSelector } from './field-selector.ts';
export { marshalGo, printGo, quoteGo } from './go-format.ts';
export {
  type LabelOperator,
  type LabelRequirement,
  LabelSelector,
  type LabelSelectorSpec,
  type Labels,
  labelSelectorFromObject,
  labelSelectorFromSet,
  parseLabelSelector,
  SelectorError,
} from './label-selector.ts';
export {
  checkConfigKey,
  checkDns1035Label,
  checkDns1123Label,
  checkDns1123Subdomain,
  checkLabelKey,
  checkLabelValue,
  checkPathSegmentName,
  regexMessage,
} from './names.ts';
export { normalizeTyped } from './normalize.ts';
export * from './object.ts';
export { applyJsonPatch, type JsonPatchOperation } from './patch/json-patch.ts';
export { applyMergePatch } from './patch/merge-patch.ts';
export { applyStrategicMergePatch } from './patch/strategic-merge.ts';
export { type Pruned, pruneUnknown } from './prune.ts';
export {
  type GoField,
  memberSchema,
  propertySchema,
  type Schema,
  type SchemaType,
  type ValidationRule,
} from './schema.ts';
export { type ApplyConflict, newConflictsStatus } from './ssa/conflict.ts';
export {
  type ApplyOptions,
  type ApplyResult,
  applyServerSide,
  type ConvertedObject,
  type FieldManagerOptions,
  trackUpdate,
  type UpdateOptions,
} from './ssa/field-manager.ts';
export { type FieldPath, FieldSet, formatPath } from './ssa/field-set.ts';
export { compareElements, fieldElement, keyElement, type PathElement, valueElement } from './ssa/path-element.ts';
export { parentManagedFields, type ReplicasPaths, scaleManagedFields } from './ssa/scale.ts';
export * from './status-error.ts';
export * from './statuses.ts';
export { structuralFromOpenApi } from './structural.ts';
export { type ValidateOptions, validateValue } from './validate/validate-value.ts';
