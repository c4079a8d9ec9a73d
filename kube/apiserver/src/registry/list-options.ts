import { badRequest, type FieldError, forbiddenField, invalid, unsupportedField } from '../status.ts';

export type Query = ReadonlyMap<string, readonly string[]>;

/** ListOptions of a GET on a collection; a watch has `watch` set. */
export interface ListOptions {
  watch: boolean;
  labelSelector: string | undefined;
  fieldSelector: string | undefined;
  resourceVersion: string;
  resourceVersionMatch: string;
  limit: number;
  continue: string;
  timeoutSeconds: number | undefined;
  allowWatchBookmarks: boolean;
  sendInitialEvents: boolean | undefined;
}

export function parseListOptions(query: Query): ListOptions {
  const text = (name: string) => query.get(name)?.[0];
  const options: ListOptions = {
    watch: flag(query, 'watch') ?? false,
    labelSelector: text('labelSelector'),
    fieldSelector: text('fieldSelector'),
    resourceVersion: text('resourceVersion') ?? '',
    resourceVersionMatch: text('resourceVersionMatch') ?? '',
    limit: integer(text('limit')) ?? 0,
    continue: text('continue') ?? '',
    timeoutSeconds: integer(text('timeoutSeconds')),
    allowWatchBookmarks: flag(query, 'allowWatchBookmarks') ?? false,
    sendInitialEvents: flag(query, 'sendInitialEvents'),
  };
  const errors = options.watch ? watchProblems(options) : listProblems(options);
  if (errors.length > 0) throw invalid({ group: 'meta.k8s.io', kind: 'ListOptions' }, '', errors);
  return options;
}

/** Go's lenient reading of a boolean: any text but `false` and `0` is true. */
export function flag(query: Query, name: string): boolean | undefined {
  const value = query.get(name)?.[0];
  if (value === undefined) return undefined;
  return value !== 'false' && value !== '0';
}

function integer(text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined;
  if (!/^[+-]?\d+$/.test(text)) throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`);
  return Number(text);
}

const noContinue = 'resourceVersionMatch is forbidden when continue is provided';

function listProblems({
  resourceVersion,
  resourceVersionMatch,
  sendInitialEvents,
  continue: token,
}: ListOptions): FieldError[] {
  const errors: FieldError[] = [];
  const match = 'resourceVersionMatch';
  if (sendInitialEvents !== undefined) {
    errors.push(forbiddenField('sendInitialEvents', 'sendInitialEvents is forbidden for list'));
  }
  if (resourceVersionMatch === '') return errors;
  if (resourceVersion === '') {
    errors.push(forbiddenField(match, 'resourceVersionMatch is forbidden unless resourceVersion is provided'));
  }
  if (token !== '') errors.push(forbiddenField(match, noContinue));
  if (resourceVersionMatch !== 'Exact' && resourceVersionMatch !== 'NotOlderThan') {
    errors.push(unsupportedField(match, resourceVersionMatch, ['Exact', 'NotOlderThan', '']));
  }
  if (resourceVersionMatch === 'Exact' && resourceVersion === '0') {
    errors.push(forbiddenField(match, 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"'));
  }
  return errors;
}

function watchProblems(options: ListOptions): FieldError[] {
  const { resourceVersion, resourceVersionMatch, sendInitialEvents, continue: token } = options;
  const errors: FieldError[] = [];
  const match = 'resourceVersionMatch';
  if (sendInitialEvents === undefined) {
    if (resourceVersionMatch !== '') {
      errors.push(
        forbiddenField(match, 'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided'),
      );
    }
    // From no version or 0 it is the same as a watch that asks for the state first.
    const startsWithState = resourceVersion === '' || resourceVersion === '0';
    if (token !== '' && (startsWithState || resourceVersionMatch !== ''))
      errors.push(forbiddenField(match, noContinue));
    return errors;
  }
  if (resourceVersionMatch !== 'NotOlderThan') {
    errors.push(forbiddenField(match, 'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan'));
    if (resourceVersionMatch !== '') errors.push(unsupportedField(match, resourceVersionMatch, ['NotOlderThan']));
  }
  if (token !== '' && resourceVersionMatch !== '') errors.push(forbiddenField(match, noContinue));
  return errors;
}
