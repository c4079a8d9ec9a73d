import type { Condition } from '@flux/apimachinery';
import { enumOf, int64, list, obj, required, type Schema, str, time } from '../schema/schema.ts';

/** `status.conditions` of every kind: metav1.Condition with its published limits. */
export function conditions(doc: string): Schema<Condition[]> {
  return list(doc, condition);
}

const condition: Schema<Condition> = obj('One aspect of the current state of the object.', {
  type: required(
    str('Type of the condition, CamelCase, optionally with a domain prefix.', {
      maxLength: 316,
      pattern:
        '^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])$',
    }),
  ),
  status: required(enumOf('True, False or Unknown.', ['True', 'False', 'Unknown'])),
  reason: required(
    str('Programmatic reason of the last transition, CamelCase.', {
      minLength: 1,
      maxLength: 1024,
      pattern: '^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$',
    }),
  ),
  message: required(str('Details for humans; may be empty.', { maxLength: 32768 })),
  lastTransitionTime: required(time('When the status of the condition last changed.')),
  observedGeneration: int64('Generation of the spec that the condition was derived from.', { minimum: 0 }),
});

export const observedGeneration = int64('Last generation of the spec that was acted on.');

export const lastHandledReconcileAt = str(
  'Value of the last handled reconcile.fluxcd.io/requestedAt annotation, so that a new request is noticed.',
);

/** CRD default of every Flux status: a fresh object counts as not yet observed (KUS-API-02). */
export const statusDefault = { observedGeneration: -1 };
