import { expect, test } from 'vitest';
import { invalidValue, requiredValue, tooLong, tooMany, unsupportedValue } from './field-error.ts';
import { newConflict, newForbidden, newInvalid, newNotFound, newUnknownError } from './statuses.ts';

const deployments = { group: 'apps', resource: 'deployments' };

test('a missing object is named with its resource and group', () => {
  expect(newNotFound(deployments, 'd').status).toEqual({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: 'deployments.apps "d" not found',
    reason: 'NotFound',
    details: { name: 'd', group: 'apps', kind: 'deployments' },
    code: 404,
  });
});

test('one cause stands alone, several in brackets, repeated ones once', () => {
  const kind = { group: 'apps', kind: 'Deployment' };
  const errors = [requiredValue('spec.selector'), invalidValue('spec.replicas', -1, 'must be positive')];

  expect(newInvalid(kind, 'd', errors.slice(0, 1)).message).toBe(
    'Deployment.apps "d" is invalid: spec.selector: Required value',
  );
  expect(newInvalid(kind, 'd', [...errors, errors[0]!]).message).toBe(
    'Deployment.apps "d" is invalid: [spec.selector: Required value, spec.replicas: Invalid value: -1: must be positive]',
  );
  expect(newInvalid(kind, 'd', errors).status.details?.causes?.[1]).toEqual({
    reason: 'FieldValueInvalid',
    message: 'Invalid value: -1: must be positive',
    field: 'spec.replicas',
  });
});

test('values in errors are written as Go writes them', () => {
  expect(newInvalid({ group: '', kind: 'Pod' }, '', [unsupportedValue('a', { b: '<x>' }, ['y', 'z'])]).message).toBe(
    'Pod "" is invalid: a: Unsupported value: {"b":"\\u003cx\\u003e"}: supported values: "y", "z"',
  );
  expect(newInvalid({ group: '', kind: 'Pod' }, 'p', [tooLong('a', 1), tooMany('b', 3, 1)]).message).toBe(
    'Pod "p" is invalid: [a: Too long: may not be more than 1 byte, b: Too many: 3: must have at most 1 item]',
  );
});

test('a refusal names the object if there is one', () => {
  expect(newForbidden({ group: '', resource: '' }, '', 'no').message).toBe('forbidden: no');
  expect(newForbidden({ group: '', resource: 'pods' }, '', 'no').message).toBe('pods is forbidden: no');
  expect(newForbidden({ group: '', resource: 'pods' }, 'a', 'no').message).toBe('pods "a" is forbidden: no');
});

test("conflicts and unexpected errors have the server's form", () => {
  expect(newConflict({ group: '', resource: 'pods' }, 'a', 'x').message).toBe(
    'Operation cannot be fulfilled on pods "a": x',
  );
  expect(newUnknownError('x').status).not.toHaveProperty('reason');
});
