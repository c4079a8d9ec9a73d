import { type Infer, obj, required, str } from '../schema/schema.ts';

export type LocalObjectReference = Infer<ReturnType<typeof localRef>>;

/** A reference to an object of a known kind in the same namespace. */
export function localRef(doc: string) {
  return obj(doc, { name: required(str('Name of the referent.')) });
}

export type ObjectSelector = Infer<ReturnType<typeof objectSelector>>;

/** kustomize's selector of objects: every given part has to match. */
export function objectSelector(doc: string) {
  return obj(doc, {
    group: str('API group, a regular expression.'),
    version: str('API version, a regular expression.'),
    kind: str('Kind, a regular expression.'),
    name: str('Name, a regular expression.'),
    namespace: str('Namespace, a regular expression.'),
    labelSelector: str('Label selector expression that the labels match.'),
    annotationSelector: str('Label selector expression that the annotations match.'),
  });
}
