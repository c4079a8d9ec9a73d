import type { KubeObject } from '@flux/apimachinery';
import type { Api } from '../registry/api.ts';
import type { Resource } from '../registry/resource.ts';
import type { Bucket } from '../storage/bucket.ts';
import { type Fields, list } from '../strategies/fields.ts';

const group = 'admissionregistration.k8s.io';

const plurals = {
  mutatingWebhooks: 'mutatingwebhookconfigurations',
  validatingWebhooks: 'validatingwebhookconfigurations',
  mutatingBindings: 'mutatingadmissionpolicybindings',
  validatingBindings: 'validatingadmissionpolicybindings',
} as const;

type Buckets = { readonly [Kind in keyof typeof plurals]: Bucket };

const buckets = new WeakMap<Api, Buckets>();

/** Where configurations are stored; asked for with each write, so it is found once. */
function bucketsOf(api: Api): Buckets {
  const known = buckets.get(api);
  if (known) return known;
  const found = Object.fromEntries(
    Object.entries(plurals).map(([kind, plural]) => [kind, api.resource(group, plural).bucket]),
  ) as unknown as Buckets;
  buckets.set(api, found);
  return found;
}

export function hasWebhooks(api: Api): boolean {
  const { mutatingWebhooks, validatingWebhooks } = bucketsOf(api);
  return mutatingWebhooks.size > 0 || validatingWebhooks.size > 0;
}

/** Bindings in the order of their names. */
export function bindingsOf(api: Api, kind: 'mutatingBindings' | 'validatingBindings'): readonly KubeObject[] {
  const bucket = bucketsOf(api)[kind];
  return bucket.size === 0 ? [] : bucket.values();
}

/** One webhook of a configuration. */
export interface Hook {
  /** Tells it from others in one request. */
  readonly id: string;
  readonly spec: Fields;
}

/** Webhooks in the order of the names of their configurations. */
export function hooksOf(api: Api, kind: 'mutatingWebhooks' | 'validatingWebhooks'): Hook[] {
  return bucketsOf(api)
    [kind].values()
    .flatMap(({ metadata, webhooks }) =>
      list(webhooks).map((spec, index) => ({ id: `${metadata.name}/${spec['name']}/${index}`, spec })),
    );
}

/** Nothing is asked about the configurations of admission themselves, or a wrong one could never be put right. */
export function isExempt(resource: Resource): boolean {
  return resource.group === group && /^(Mutating|Validating)/.test(resource.kind);
}
