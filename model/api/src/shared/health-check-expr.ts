import { obj, required, str } from '../schema/schema.ts';

/** How the health of a custom resource is read (KUS-HC, HELM-HC). */
export const healthCheckExpr = obj('How the health of a custom resource is read from its fields.', {
  apiVersion: required(str('API version of the custom resource.')),
  kind: str('Kind of the custom resource; every kind of that API version when empty.'),
  current: required(str('CEL expression that is true when the resource is as desired.')),
  inProgress: str('CEL expression that is true while the resource is on its way.'),
  failed: str('CEL expression that is true when the resource has failed.'),
});
