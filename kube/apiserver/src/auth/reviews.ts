import type { KubeObject } from '@flux/apimachinery';
import { formatTime } from '@flux/gotypes';
import type { Api, PolicyRule, Subject, User } from '../registry/api.ts';
import { badRequest, type FieldError, GoStructValue, invalid, invalidField } from '../status.ts';
import { administrator, issuer, type Tokens } from './tokens.ts';

/** Reviews are answered, never stored: each fills `status` of the body it got. */
export function review(object: KubeObject, api: Api, user: User, tokens: Tokens): void {
  switch (object.kind) {
    case 'SelfSubjectAccessReview':
      reviewAccess(object, api, user);
      return;
    case 'SubjectAccessReview':
    case 'LocalSubjectAccessReview':
      reviewAccess(object, api, subjectOf(object));
      return;
    case 'SelfSubjectRulesReview':
      reviewRules(object, api, user);
      return;
    case 'TokenReview':
      reviewToken(object, tokens);
      return;
    case 'SelfSubjectReview':
      object.metadata.creationTimestamp = formatTime(api.now());
      object['status'] = { userInfo: userInfo(user) };
      return;
    default:
      throw new TypeError(`${object.kind} is no review`);
  }
}

function userInfo({ name, uid, groups, extra }: User): Record<string, unknown> {
  return { username: name, ...(uid ? { uid } : {}), groups, ...(extra ? { extra } : {}) };
}

function subjectOf(object: KubeObject): Subject {
  const { user = '', groups = [] } = object['spec'] ?? {};
  return { name: user, groups };
}

function reviewAccess(object: KubeObject, api: Api, subject: Subject): void {
  const spec = object['spec'] ?? {};
  const { resourceAttributes: resource, nonResourceAttributes: path } = spec;
  const errors = accessProblems(object);
  if (errors.length > 0) throw invalid({ group: 'authorization.k8s.io', kind: '' }, '', errors);
  const reason = resource
    ? api.authorizer.allow(subject, {
        verb: resource.verb ?? '',
        group: resource.group ?? '',
        resource: resource.resource ?? '',
        ...(resource.subresource ? { subresource: resource.subresource } : {}),
        ...(resource.namespace ? { namespace: resource.namespace } : {}),
        ...(resource.name ? { name: resource.name } : {}),
      })
    : api.authorizer.allowPath(subject, path.verb ?? '', path.path ?? '');
  object['status'] = { allowed: reason !== undefined, ...(reason ? { reason } : {}) };
}

function accessProblems(object: KubeObject): FieldError[] {
  const { resourceAttributes: resource, nonResourceAttributes: path, user, groups } = object['spec'] ?? {};
  const errors: FieldError[] = [];
  if (resource && path) {
    errors.push(
      invalidField(
        'spec.nonResourceAttributes',
        shownPath(path),
        'cannot be specified in combination with resourceAttributes',
      ),
    );
  }
  if (!resource && !path) {
    const detail = 'exactly one of nonResourceAttributes or resourceAttributes must be specified';
    errors.push(invalidField('spec.resourceAttributes', undefined, detail));
  }
  if (object.kind !== 'SelfSubjectAccessReview' && !user && !(groups ?? []).length) {
    errors.push(invalidField('spec.user', user ?? '', 'at least one of user or group must be specified'));
  }
  const { namespace } = object.metadata;
  if (object.kind === 'LocalSubjectAccessReview' && resource && resource.namespace !== namespace) {
    errors.push(
      invalidField('spec.resourceAttributes.namespace', resource.namespace ?? '', 'must match metadata.namespace'),
    );
  }
  return errors;
}

function reviewRules(object: KubeObject, api: Api, user: User): void {
  if (!object['spec']?.namespace) throw badRequest('no namespace on request');
  const { resourceRules, nonResourceRules } = api.authorizer.rulesOf(user, object['spec'].namespace);
  object['spec'] = {};
  object['status'] = {
    resourceRules: compact(resourceRules),
    nonResourceRules: compact(nonResourceRules),
    incomplete: false,
  };
}

/** Rules that several bindings grant are shown once. */
function compact(rules: readonly PolicyRule[]): PolicyRule[] {
  return [...new Map(rules.map((rule) => [JSON.stringify(rule), rule])).values()];
}

function reviewToken(object: KubeObject, tokens: Tokens): void {
  const { token = '', audiences = [] } = object['spec'] ?? {};
  if (token === '') throw badRequest('token is required for TokenReview in authentication');
  const wanted: string[] = audiences.length > 0 ? audiences : [issuer];
  if (tokens.isAdministrator(token) && wanted.includes(issuer)) {
    const groups = [...administrator.groups, 'system:authenticated'];
    object['status'] = { authenticated: true, user: userInfo({ ...administrator, groups }), audiences: [issuer] };
    return;
  }
  const claims = tokens.read(token);
  const common = claims?.aud.filter((audience) => wanted.includes(audience)) ?? [];
  if (!claims || common.length === 0) {
    const shown = (list: readonly string[]) => `[${list.map((item) => JSON.stringify(item)).join(' ')}]`;
    const why = claims
      ? `, token audiences ${shown(claims.aud)} is invalid for the target audiences ${shown(wanted)}`
      : '';
    object['status'] = { user: {}, error: claims ? `[invalid bearer token${why}]` : 'invalid bearer token' };
    return;
  }
  const user = tokens.userOf(claims);
  const groups = [...user.groups, 'system:authenticated'];
  object['status'] = { authenticated: true, user: userInfo({ ...user, groups }), audiences: common };
}

function shownPath({ path = '', verb = '' }: { path?: string; verb?: string }): GoStructValue {
  return new GoStructValue({ Path: path, Verb: verb });
}
