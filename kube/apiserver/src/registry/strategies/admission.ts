import type { Strategy } from '../resource.ts';
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

export const validatingWebhookConfiguration: Strategy = {
  generation: 'object',
  setDefaults: ({ webhooks }) => list(webhooks).forEach(setWebhookDefaults),
};

export const mutatingWebhookConfiguration: Strategy = {
  generation: 'object',
  setDefaults({ webhooks }) {
    for (const webhook of list(webhooks)) {
      setWebhookDefaults(webhook);
      setDefault(webhook, 'reinvocationPolicy', 'Never');
    }
  },
};

export const admissionPolicy: Strategy = {
  generation: 'spec',
  setDefaults({ spec }) {
    setDefault(spec, 'failurePolicy', 'Fail');
    const constraints = spec.matchConstraints;
    if (!constraints) return;
    setDefaults(constraints, { matchPolicy: 'Equivalent', namespaceSelector: {}, objectSelector: {} });
    for (const rule of list(constraints.resourceRules)) setDefault(rule, 'scope', '*');
  },
};

export const admissionPolicyBinding: Strategy = {
  generation: 'spec',
  setDefaults({ spec }) {
    const resources = spec?.matchResources;
    if (!resources) return;
    setDefaults(resources, { matchPolicy: 'Equivalent', namespaceSelector: {}, objectSelector: {} });
    for (const rule of list(resources.resourceRules)) setDefault(rule, 'scope', '*');
  },
};
