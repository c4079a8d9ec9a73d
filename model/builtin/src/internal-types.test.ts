import { marshalGo } from '@flux/apimachinery';
import { expect, test } from 'vitest';
import { internalForm } from './internal-types.ts';

test('every field of an internal type is there, and embedded ones stand among the others', () => {
  expect(marshalGo(internalForm('EnvVar', { name: 'a' }))).toBe('{"Name":"a","Value":"","ValueFrom":null}');
  expect(marshalGo(internalForm('Volume', { name: 'v', emptyDir: {} }))).toMatch(
    /^\{"Name":"v","HostPath":null,"EmptyDir":\{"Medium":"","SizeLimit":null\},/,
  );
});

test('the host settings of a pod stand in its security context', () => {
  const shown = marshalGo(internalForm('PodSpec', { hostNetwork: true, securityContext: {}, containers: [] }));

  expect(shown).toContain('"SecurityContext":{"HostNetwork":true,"HostPID":false,"HostIPC":false,');
  expect(shown).toContain('"Containers":[],"EphemeralContainers":null');
});
