import { validateBinding } from '../admission/binding-validation.ts';
import { validateMutatingPolicy, validateValidatingPolicy } from '../admission/policy-validation.ts';
import { validateWebhooks } from '../admission/webhook-validation.ts';
import type { Strategy } from '../registry/resource.ts';
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

/** A cluster would run what is behind a Service; here only pods that are simulated may be there, which whoever stores it is told. */
function warnOfServices({ webhooks }: Fields): string[] {
  return list(webhooks).flatMap(({ name, clientConfig }) => {
    if (!clientConfig?.service) return [];
    const service = `${clientConfig.service.namespace}/${clientConfig.service.name}`;
    return [`webhook ${name} is not asked while the Service ${service} has only simulated pods behind it`];
  });
}

const webhookConfiguration: Strategy = {
  validate: ({ webhooks }) => validateWebhooks(webhooks),
  warnings: warnOfServices,
  generation: 'object',
};

export const validatingWebhookConfiguration: Strategy = {
  ...webhookConfiguration,
  setDefaults: ({ webhooks }) => list(webhooks).forEach(setWebhookDefaults),
};

export const mutatingWebhookConfiguration: Strategy = {
  ...webhookConfiguration,
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

const admissionPolicy: Strategy = {
  generation: 'spec',
  setDefaults({ spec }) {
    setDefault(spec, 'failurePolicy', 'Fail');
    setMatchDefaults(spec.matchConstraints);
  },
};

export const validatingPolicy: Strategy = {
  ...admissionPolicy,
  validate: ({ spec }) => validateValidatingPolicy(spec),
};

export const mutatingPolicy: Strategy = {
  ...admissionPolicy,
  validate: ({ spec }) => validateMutatingPolicy(spec),
};

export const admissionPolicyBinding: Strategy = {
  generation: 'spec',
  validate: ({ kind, spec }) => validateBinding(spec ?? {}, kind === 'ValidatingAdmissionPolicyBinding'),
  setDefaults: ({ spec }) => setMatchDefaults(spec?.matchResources),
};
