import { map, obj, str } from '../schema/schema.ts';

/** `spec.commonMetadata` of the kinds that apply objects. */
export const commonMetadata = obj('Labels and annotations to set on all objects.', {
  labels: map('Labels.', str('Value.')),
  annotations: map('Annotations.', str('Value.')),
});
