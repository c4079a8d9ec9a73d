/**
 * The data model of the Kubernetes API, with no I/O: objects and their identity, selectors, patches, structured merge
 * (managed fields), structural schemas and the server's Status. Start with `object.ts`.
 */
export { deepCopy, deepEqual, getMember, isJsonObject, setMember } from './deep.ts';
export { applyDefaults } from './defaults.ts';
export {
  aggregateMessages,
  duplicateValue,
  type FieldError,
  type FieldErrorType,
  forbiddenValue,
  formatFieldError,
  formatFieldErrorBody,
  formatFieldErrors,
  internalError,
  invalidValue,
  notFoundValue,
  requiredValue,
  tooLong,
  tooMany,
  unsupportedValue,
} from './field-error.ts';
export { type FieldRequirement, FieldSelector, parseFieldSelector } from './field-selector.ts';
export { GoStructValue, marshalGo, printGo } from './go-format.ts';
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
export { normalizeTyped } from './normalize.ts';
export {
  type Condition,
  formatApiVersion,
  formatSubject,
  type GroupVersionKind,
  gvkOf,
  type JsonObject,
  type JsonValue,
  type KubeObject,
  type ManagedFieldsEntry,
  type ObjectMeta,
  type ObjectRef,
  type OwnerReference,
  parseApiVersion,
  refOf,
} from './object.ts';
export { applyJsonPatch, type JsonPatchOperation } from './patch/json-patch.ts';
export { mergeDiff } from './patch/merge-diff.ts';
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
export { ApplyConfigurationError, mergeConfiguration } from './ssa/apply-configuration.ts';
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
export { compareElements, fieldElement, type PathElement, valueElement } from './ssa/path-element.ts';
export { parentManagedFields, type ReplicasPaths, scaleManagedFields } from './ssa/scale.ts';
export type { Comparison } from './ssa/typed-compare.ts';
export {
  isAlreadyExists,
  isConflict,
  isExpired,
  isNotFound,
  type Status,
  type StatusDetails,
  StatusError,
} from './status-error.ts';
export {
  failure,
  formatGroupResource,
  type GroupKind,
  type GroupResource,
  newAlreadyExists,
  newBadRequest,
  newConflict,
  newExpired,
  newForbidden,
  newInvalid,
  newMethodNotAllowed,
  newModifiedConflict,
  newNotFound,
  newUnknownError,
  type StatusCause,
} from './statuses.ts';
export { structuralFromOpenApi } from './structural.ts';
export { escapeProperty } from './validate/cel-value.ts';
export { type ValidateOptions, validateValue } from './validate/validate-value.ts';
