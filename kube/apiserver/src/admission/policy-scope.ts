import { type CelDeclaration, CelScope } from '@flux/cel';

const text: CelDeclaration = { kind: 'string', maxElements: 0 };
const dyn: CelDeclaration = { kind: 'dyn', maxElements: 0 };
const time: CelDeclaration = { kind: 'timestamp', maxElements: 0 };
const int: CelDeclaration = { kind: 'int', maxElements: 0 };
const texts: CelDeclaration = { kind: 'list', maxElements: 0, element: text };
const textMap: CelDeclaration = { kind: 'map', maxElements: 0, element: text };

function object(name: string, fields: Readonly<Record<string, CelDeclaration>>): CelDeclaration {
  return { kind: 'object', maxElements: 0, name: `kubernetes.${name}`, fields: new Map(Object.entries(fields)) };
}

/** What `request` has. */
function requestDeclaration(): CelDeclaration {
  const kind = object('GroupVersionKind', { group: text, version: text, kind: text });
  const resource = object('GroupVersionResource', { group: text, version: text, resource: text });
  const extra: CelDeclaration = { kind: 'map', maxElements: 0, element: texts };
  return object('AdmissionRequest', {
    kind,
    resource,
    subResource: text,
    requestKind: kind,
    requestResource: resource,
    requestSubResource: text,
    name: text,
    namespace: text,
    operation: text,
    userInfo: object('UserInfo', { username: text, uid: text, groups: texts, extra }),
    dryRun: { kind: 'bool', maxElements: 0 },
    options: dyn,
  });
}

/** What `namespaceObject` has; Kubernetes leaves out what says nothing to a policy, and writes `UID`. */
function namespaceDeclaration(): CelDeclaration {
  const condition = object('NamespaceCondition', {
    status: text,
    type: text,
    lastTransitionTime: time,
    message: text,
    reason: text,
  });
  return object('Namespace', {
    metadata: object('NamespaceMetadata', {
      name: text,
      generateName: text,
      namespace: text,
      labels: textMap,
      annotations: textMap,
      UID: text,
      creationTimestamp: time,
      deletionGracePeriodSeconds: int,
      deletionTimestamp: time,
      generation: int,
      resourceVersion: text,
      finalizers: texts,
    }),
    spec: object('NamespaceSpec', { finalizers: texts }),
    status: object('NamespaceStatus', {
      conditions: { kind: 'list', maxElements: 0, element: condition },
      phase: text,
    }),
  });
}

const authorization: Readonly<Record<string, CelDeclaration>> = {
  authorizer: { kind: 'opaque', maxElements: 0, name: 'kubernetes.authorization.Authorizer' },
  'authorizer.requestResource': { kind: 'opaque', maxElements: 0, name: 'kubernetes.authorization.ResourceCheck' },
};

let shared: Readonly<Record<string, CelDeclaration>> | undefined;

interface ScopeOptions {
  readonly hasParams?: boolean;
  readonly hasAuthorizer?: boolean;
  /** Variables of a policy, by name. */
  readonly variables?: ReadonlyMap<string, CelDeclaration>;
  readonly withPatches?: boolean;
}

/** The names that an expression of an admission policy or webhook may use, and what is known of their values. */
export function policyScope({ hasParams, hasAuthorizer, variables, withPatches }: ScopeOptions): CelScope {
  shared ??= { object: dyn, oldObject: dyn, request: requestDeclaration(), namespaceObject: namespaceDeclaration() };
  const declarations: Record<string, CelDeclaration> = { ...shared };
  if (hasParams) declarations['params'] = dyn;
  if (hasAuthorizer) Object.assign(declarations, authorization);
  if (variables) {
    declarations['variables'] = { kind: 'object', maxElements: 0, name: 'kubernetes.variables', fields: variables };
  }
  return new CelScope(declarations, { withPatches: withPatches === true });
}
