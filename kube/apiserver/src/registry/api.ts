import type { KubeObject } from '@flux/apimachinery';
import { WebhookClient } from '../admission/webhook-client.ts';
import { storageKey } from '../storage/bucket.ts';
import type { Store } from '../storage/store.ts';
import type { Catalog } from './catalog.ts';
import type { ApiView, Resource } from './resource.ts';
import type { User } from './user.ts';

export type { User };

export interface AccessCheck {
  verb: string;
  group: string;
  resource: string;
  subresource?: string;
  namespace?: string;
  name?: string;
}

export interface Authorizer {
  readonly rbac: boolean;
  /** Why the access is allowed (possibly an empty text), or `undefined` when nothing allows it. */
  allow(user: Subject, check: AccessCheck): string | undefined;
  allowPath(user: Subject, verb: string, path: string): string | undefined;
  rulesOf(user: Subject, namespace: string): SubjectRules;
}

export interface Subject {
  name: string;
  groups: readonly string[];
}

export interface PolicyRule {
  verbs: readonly string[];
  apiGroups?: readonly string[];
  resources?: readonly string[];
  resourceNames?: readonly string[];
  nonResourceURLs?: readonly string[];
}

export interface SubjectRules {
  resourceRules: PolicyRule[];
  nonResourceRules: PolicyRule[];
}

/** State, catalog, clock and authorisation: what every operation works on. */
export class Api implements ApiView {
  readonly store: Store;
  readonly catalog: Catalog;
  readonly now: () => Date;
  /** Calls admission webhooks; close it with the server. */
  readonly webhooks = new WebhookClient();
  authorizer: Authorizer;

  constructor(parts: { store: Store; catalog: Catalog; now: () => Date; authorizer: Authorizer }) {
    this.store = parts.store;
    this.catalog = parts.catalog;
    this.now = parts.now;
    this.authorizer = parts.authorizer;
  }

  get rbac(): boolean {
    return this.authorizer.rbac;
  }

  authorize(user: Subject, check: AccessCheck): boolean {
    return this.authorizer.allow(user, check) !== undefined;
  }

  authorizePath(user: Subject, verb: string, path: string): boolean {
    return this.authorizer.allowPath(user, verb, path) !== undefined;
  }

  find(group: string, plural: string, namespace: string | undefined, name: string): KubeObject | undefined {
    return this.#bucket(group, plural)?.get(storageKey(namespace, name));
  }

  list(group: string, plural: string, namespace?: string): readonly KubeObject[] {
    return this.#bucket(group, plural)?.values(namespace) ?? [];
  }

  resource(group: string, plural: string): Resource {
    const resource = this.catalog.findAnyVersion(group, plural);
    if (!resource) throw new TypeError(`${plural}.${group} is not served`);
    return resource;
  }

  #bucket(group: string, plural: string) {
    return this.catalog.findAnyVersion(group, plural)?.bucket;
  }
}
