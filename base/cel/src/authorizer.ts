import type { Environment } from '@marcbachmann/cel-js';
import { CelError } from './cel-error.ts';

/** An account that expressions ask about in place of the one that made the request. */
export interface CelServiceAccount {
  readonly namespace: string;
  readonly name: string;
}

/** What an expression asks to be allowed. */
export interface CelAccess {
  readonly group: string;
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
}

/** Answers the questions of `authorizer`: why something is allowed, or undefined when nothing allows it. */
export interface CelAuthority {
  resource(account: CelServiceAccount | undefined, access: CelAccess, verb: string): string | undefined;
  path(account: CelServiceAccount | undefined, path: string, verb: string): string | undefined;
}

/** The variable `authorizer` of admission expressions; `requestResource` is what the request itself is about. */
export class CelAuthorizer {
  readonly authority: CelAuthority;
  readonly account: CelServiceAccount | undefined;
  readonly requestResource: ResourceCheck;

  constructor(authority: CelAuthority, request: CelAccess, account?: CelServiceAccount) {
    this.authority = authority;
    this.account = account;
    this.requestResource = new ResourceCheck(this, request);
  }
}

class PathCheck {
  readonly authorizer: CelAuthorizer;
  readonly path: string;

  constructor(authorizer: CelAuthorizer, path: string) {
    this.authorizer = authorizer;
    this.path = path;
  }
}

class GroupCheck {
  readonly authorizer: CelAuthorizer;
  readonly group: string;

  constructor(authorizer: CelAuthorizer, group: string) {
    this.authorizer = authorizer;
    this.group = group;
  }
}

class ResourceCheck {
  readonly authorizer: CelAuthorizer;
  readonly access: CelAccess;

  constructor(authorizer: CelAuthorizer, access: CelAccess) {
    this.authorizer = authorizer;
    this.access = access;
  }

  with(part: Partial<CelAccess>): ResourceCheck {
    return new ResourceCheck(this.authorizer, { ...this.access, ...part });
  }
}

class Decision {
  readonly reason: string | undefined;

  constructor(reason: string | undefined) {
    this.reason = reason;
  }
}

/** Kubernetes' authz library: `authorizer.group('').resource('pods').namespace('a').check('get').allowed()`. */
export function registerAuthorizer(environment: Environment): void {
  environment.registerType('ResourceCheck', ResourceCheck);
  environment.registerType('PathCheck', PathCheck);
  environment.registerType('GroupCheck', GroupCheck);
  environment.registerType('Decision', Decision);
  environment.registerType('Authorizer', { ctor: CelAuthorizer, fields: { requestResource: 'ResourceCheck' } });
  registerQuestions(environment);
  environment.registerFunction('PathCheck.check(string): Decision', ({ authorizer, path }: PathCheck, verb: string) => {
    return new Decision(authorizer.authority.path(authorizer.account, path, verb));
  });
  environment.registerFunction('ResourceCheck.check(string): Decision', (check: ResourceCheck, verb: string) => {
    const { authority, account } = check.authorizer;
    return new Decision(authority.resource(account, check.access, verb));
  });
  environment.registerFunction('Decision.allowed(): bool', ({ reason }: Decision) => reason !== undefined);
  environment.registerFunction('Decision.reason(): string', ({ reason }: Decision) => reason ?? '');
  environment.registerFunction('Decision.errored(): bool', () => false);
  environment.registerFunction('Decision.error(): string', () => '');
}

function registerQuestions(environment: Environment): void {
  environment.registerFunction(
    'Authorizer.path(string): PathCheck',
    (authorizer: CelAuthorizer, path: string) => new PathCheck(authorizer, notEmpty('path', path)),
  );
  environment.registerFunction(
    'Authorizer.group(string): GroupCheck',
    (authorizer: CelAuthorizer, group: string) => new GroupCheck(authorizer, group),
  );
  environment.registerFunction(
    'Authorizer.serviceAccount(string, string): Authorizer',
    ({ authority, requestResource }: CelAuthorizer, namespace: string, name: string) =>
      new CelAuthorizer(authority, requestResource.access, { namespace, name }),
  );
  environment.registerFunction(
    'GroupCheck.resource(string): ResourceCheck',
    ({ authorizer, group }: GroupCheck, text: string) => {
      const resource = notEmpty('resource', text);
      return new ResourceCheck(authorizer, { group, resource, subresource: '', namespace: '', name: '' });
    },
  );
  for (const part of ['subresource', 'namespace', 'name'] as const) {
    environment.registerFunction(`ResourceCheck.${part}(string): ResourceCheck`, (check: ResourceCheck, text: string) =>
      check.with({ [part]: text }),
    );
  }
  // Selectors narrow a list; an authorizer that knows none of them may only answer for the whole of it.
  for (const selector of ['fieldSelector', 'labelSelector']) {
    environment.registerFunction(`ResourceCheck.${selector}(string): ResourceCheck`, (check: ResourceCheck) => check);
  }
}

function notEmpty(what: string, text: string): string {
  if (text.trim() === '') throw new CelError(`${what} must not be empty`);
  return text;
}
