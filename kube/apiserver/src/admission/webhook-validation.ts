import { invalidAt, label1035Problems, subdomainProblems } from '../registry/names.ts';
import { duplicateField, type FieldError, invalidField, requiredField } from '../status.ts';
import { type Fields, list } from '../strategies/fields.ts';
import { oneOfIfGiven } from '../strategies/one-of.ts';
import { conditionErrors } from './policy-validation.ts';
import { ruleErrors } from './rule-validation.ts';

const reviewVersions = ['v1', 'v1beta1'];

/** Fields that take one of a few words, and these. */
const choices: Readonly<Record<string, readonly string[]>> = {
  failurePolicy: ['Fail', 'Ignore'],
  matchPolicy: ['Equivalent', 'Exact'],
  sideEffects: ['None', 'NoneOnDryRun'],
  reinvocationPolicy: ['IfNeeded', 'Never'],
};

/** What is wrong with the webhooks of a configuration, in the order and words of Kubernetes. */
export function validateWebhooks(webhooks: unknown): FieldError[] {
  const seen = new Set<string>();
  return list(webhooks).flatMap((webhook, index) => {
    const at = `webhooks[${index}]`;
    const name = String(webhook['name'] ?? '');
    const isRepeated = name !== '' && seen.has(name);
    seen.add(name);
    return [
      ...validateWebhook(webhook, at),
      ...versionErrors(webhook['admissionReviewVersions'], `${at}.admissionReviewVersions`),
      ...(isRepeated ? [duplicateField(`${at}.name`, name)] : []),
    ];
  });
}

function validateWebhook(webhook: Fields, at: string): FieldError[] {
  const { sideEffects, timeoutSeconds, clientConfig, matchConditions } = webhook;
  const choose = (field: string) => oneOfIfGiven(`${at}.${field}`, webhook[field], choices[field] ?? []);
  const missing = sideEffects
    ? []
    : [requiredField(`${at}.sideEffects`, `must specify one of ${choices['sideEffects']!.join(', ')}`)];
  const isLong = typeof timeoutSeconds === 'number' && (timeoutSeconds > 30 || timeoutSeconds < 1);
  const timeout = 'the timeout value must be between 1 and 30 seconds';
  return [
    ...nameErrors(webhook['name'], `${at}.name`),
    ...list(webhook['rules']).flatMap((rule, index) => ruleErrors(rule, `${at}.rules[${index}]`)),
    ...choose('failurePolicy'),
    ...choose('matchPolicy'),
    ...missing,
    ...choose('sideEffects'),
    ...(isLong ? [invalidField(`${at}.timeoutSeconds`, timeoutSeconds, timeout)] : []),
    ...choose('reinvocationPolicy'),
    ...clientErrors(clientConfig ?? {}, `${at}.clientConfig`),
    ...matchConditionErrors(matchConditions, `${at}.matchConditions`),
  ];
}

function nameErrors(name: unknown, field: string): FieldError[] {
  if (!name) return [requiredField(field)];
  if (String(name).split('.').length >= 3) return [];
  return [invalidField(field, name, 'should be a domain with at least three segments separated by dots')];
}

const urlForm = '; desired format: https://host[/path]';

function clientErrors({ url, service }: Fields, at: string): FieldError[] {
  const hasUrl = url !== undefined && url !== null;
  if (hasUrl === Boolean(service)) return [requiredField(at, 'exactly one of url or service is required')];
  return hasUrl ? urlErrors(String(url), `${at}.url`) : serviceErrors(service, `${at}.service`);
}

/** What is wrong with the address of a webhook. */
export function urlErrors(text: string, field: string): FieldError[] {
  const [, scheme = '', rest = text] = /^([a-z][a-z0-9+.-]*):(.*)$/is.exec(text) ?? [];
  const [, authority = ''] = /^\/\/([^/?#]*)/.exec(rest) ?? [];
  const at = authority.lastIndexOf('@');
  const host = authority.slice(at + 1);
  const query = /\?([^#]*)/.exec(rest)?.[1] ?? '';
  const fragment = /#(.*)$/s.exec(rest)?.[1] ?? '';
  const errors: FieldError[] = [];
  if (scheme !== 'https') errors.push(invalidField(field, scheme, `'https' is the only allowed URL scheme${urlForm}`));
  if (host === '') errors.push(invalidField(field, host, `host must be specified${urlForm}`));
  if (at >= 0) errors.push(invalidField(field, authority.slice(0, at), 'user information is not permitted in the URL'));
  if (fragment !== '') errors.push(invalidField(field, fragment, 'fragments are not permitted in the URL'));
  if (query !== '') errors.push(invalidField(field, query, 'query parameters are not permitted in the URL'));
  if (errors.length > 0 || URL.canParse(text)) return errors;
  return [requiredField(field, `url must be a valid URL: parse ${JSON.stringify(text)}: invalid URL${urlForm}`)];
}

function serviceErrors({ name, namespace, path, port }: Fields, at: string): FieldError[] {
  const errors: FieldError[] = [];
  if (!name) errors.push(requiredField(`${at}.name`));
  if (!namespace) errors.push(requiredField(`${at}.namespace`));
  if (port < 1 || port > 65535) {
    errors.push(invalidField(`${at}.port`, port, 'port is not valid: must be between 1 and 65535, inclusive'));
  }
  return [...errors, ...pathErrors(path, `${at}.path`)];
}

function pathErrors(path: unknown, field: string): FieldError[] {
  if (typeof path !== 'string' || path === '' || path === '/') return [];
  if (path === '//') return [invalidField(field, path, 'segment[0] may not be empty')];
  const errors = path.startsWith('/') ? [] : [invalidField(field, path, "must start with a '/'")];
  const steps = path.slice(1).replace(/\/$/, '').split('/');
  for (const [index, step] of steps.entries()) {
    const problems = step === '' ? [] : subdomainProblems(step).map((problem) => `segment[${index}]: ${problem}`);
    if (step === '') problems.push(`segment[${index}] may not be empty`);
    errors.push(...invalidAt(field, path, problems));
  }
  return errors;
}

function matchConditionErrors(conditions: unknown, at: string): FieldError[] {
  const seen = new Set<unknown>();
  return list(conditions).flatMap((condition, index) => {
    const { name } = condition;
    const [problem] = conditionErrors(at, [condition]);
    const errors = problem ? [{ ...problem, field: `${at}[${index}].expression` }] : [];
    if (!name) errors.push(requiredField(`${at}[${index}].name`));
    else if (seen.has(name)) errors.push(duplicateField(`${at}[${index}].name`, name));
    seen.add(name);
    return errors;
  });
}

function versionErrors(versions: unknown, field: string): FieldError[] {
  const items = list(versions) as unknown[];
  const known = reviewVersions.join(', ');
  if (items.length === 0) return [requiredField(field, `must specify one of ${known}`)];
  const errors = items.flatMap((version, index) => {
    const at = `${field}[${index}]`;
    if (items.indexOf(version) < index) return [invalidField(at, version, 'duplicate version')];
    return invalidAt(at, String(version), label1035Problems(String(version)));
  });
  if (items.some((version) => reviewVersions.includes(version as string))) return errors;
  return [...errors, invalidField(field, versions, `must include at least one of ${known}`)];
}
