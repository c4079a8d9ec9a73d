import type { WriteRequest } from '../registry/write-request.ts';
import type { Attributes } from './attributes.ts';
import { hasWebhooks, isExempt } from './configurations.ts';
import { applyMutatingPolicies } from './mutating-policies.ts';
import { Reinvocation } from './reinvocation.ts';
import { enforcePolicies } from './validating-policies.ts';
import { callMutatingWebhooks, callValidatingWebhooks } from './webhooks.ts';

/** What else changes objects on their way in, and runs again after a policy or webhook changed one. */
type Readmit = () => void;

/** Mutating policies, for writes that cannot wait: those of the server's own controllers, which no webhook is asked about. */
export function mutate(attributes: Attributes, readmit: Readmit): void {
  if (isExempt(attributes.write.resource)) return;
  const reinvocation = new Reinvocation();
  applyMutatingPolicies(attributes, reinvocation);
  if (!startSecondRound(reinvocation, readmit)) return;
  applyMutatingPolicies(attributes, reinvocation);
}

/** Mutating policies, then mutating webhooks; what asked for it runs again after later changes. */
export async function mutateWithWebhooks(attributes: Attributes, readmit: Readmit): Promise<void> {
  if (isExempt(attributes.write.resource)) return;
  const reinvocation = new Reinvocation();
  applyMutatingPolicies(attributes, reinvocation);
  await callMutatingWebhooks(attributes, reinvocation);
  if (!startSecondRound(reinvocation, readmit)) return;
  applyMutatingPolicies(attributes, reinvocation);
  await callMutatingWebhooks(attributes, reinvocation);
}

function startSecondRound(reinvocation: Reinvocation, readmit: Readmit): boolean {
  if (!reinvocation.isNeeded) return false;
  reinvocation.isSecond = true;
  readmit();
  return true;
}

/** Validating policies; throws the first refusal. */
export function validate(attributes: Attributes): void {
  if (!isExempt(attributes.write.resource)) enforcePolicies(attributes);
}

/** Validating policies, then validating webhooks. */
export async function validateWithWebhooks(attributes: Attributes): Promise<void> {
  if (isExempt(attributes.write.resource)) return;
  enforcePolicies(attributes);
  await callValidatingWebhooks(attributes);
}

/** Whether a write has to wait for somebody at all; without webhooks it is done at once. */
export function mustWait({ api, resource }: WriteRequest): boolean {
  return hasWebhooks(api) && !isExempt(resource);
}
