import { expressionErrors } from '../admission/policy-program.ts';
import type { Strategy } from '../registry/resource.ts';
import { type FieldError, invalidField, requiredField } from '../status.ts';
import { type Fields, list, setDefault, setDefaults } from './fields.ts';

function setWebhookDefaults(webhook: Fields): void {
  setDefaults(webhook, {
    failurePolicy: 'Fail',
    matchPolicy: 'Equivalent',
    namespaceSelector: {},
    objectSelector: {},
    timeoutSeconds: 10,
  });
  if (webhook['clientConfig']?.service) setDefault(webhook['clientConfig'].service, 'port', 443);
  for (const rule of list(webhook['rules'])) setDefault(rule, 'scope', '*');
}

function validateWebhooks(webhooks: unknown): FieldError[] {
  const errors: FieldError[] = [];
  for (const [index, { name, sideEffects, clientConfig, admissionReviewVersions }] of list(webhooks).entries()) {
    const at = `webhooks[${index}]`;
    if (!name) errors.push(requiredField(`${at}.name`));
    else if (name.split('.').length < 3) {
      const detail = 'should be a domain with at least three segments separated by dots';
      errors.push(invalidField(`${at}.name`, name, detail));
    }
    if (!sideEffects) errors.push(requiredField(`${at}.sideEffects`, 'must specify one of None, NoneOnDryRun'));
    if (Boolean(clientConfig?.url) === Boolean(clientConfig?.service)) {
      errors.push(requiredField(`${at}.clientConfig`, 'exactly one of url or service is required'));
    }
    if (list(admissionReviewVersions).length === 0) {
      errors.push(requiredField(`${at}.admissionReviewVersions`, 'must specify one of v1, v1beta1'));
    }
  }
  return errors;
}

/** What is stored but has no effect here is said to whoever stores it, because a cluster would enforce it. */
function withoutEffect(what: string): Pick<Strategy, 'warnings'> {
  return { warnings: () => [`the embedded API server stores ${what} but does not enforce it`] };
}

export const validatingWebhookConfiguration: Strategy = {
  ...withoutEffect('ValidatingWebhookConfiguration'),
  validate: ({ webhooks }) => validateWebhooks(webhooks),
  generation: 'object',
  setDefaults: ({ webhooks }) => list(webhooks).forEach(setWebhookDefaults),
};

export const mutatingWebhookConfiguration: Strategy = {
  ...withoutEffect('MutatingWebhookConfiguration'),
  validate: ({ webhooks }) => validateWebhooks(webhooks),
  generation: 'object',
  setDefaults({ webhooks }) {
    for (const webhook of list(webhooks)) {
      setWebhookDefaults(webhook);
      setDefault(webhook, 'reinvocationPolicy', 'Never');
    }
  },
};

/** What a policy or its binding covers. */
function setMatchDefaults(match: Fields | undefined): void {
  if (!match) return;
  setDefaults(match, { matchPolicy: 'Equivalent', namespaceSelector: {}, objectSelector: {} });
  for (const rule of list(match['resourceRules'])) setDefault(rule, 'scope', '*');
}

export const admissionPolicy: Strategy = {
  generation: 'spec',
  setDefaults({ spec }) {
    setDefault(spec, 'failurePolicy', 'Fail');
    setMatchDefaults(spec.matchConstraints);
  },
};

export const validatingPolicy: Strategy = {
  ...admissionPolicy,
  validate: ({ spec }) => expressionErrors(spec),
};

export const admissionPolicyBinding: Strategy = {
  generation: 'spec',
  setDefaults: ({ spec }) => setMatchDefaults(spec?.matchResources),
};

/** Mutating policies have no effect here; their bindings say so. */
export const mutatingPolicyBinding: Strategy = {
  ...withoutEffect('MutatingAdmissionPolicyBinding'),
  ...admissionPolicyBinding,
};
