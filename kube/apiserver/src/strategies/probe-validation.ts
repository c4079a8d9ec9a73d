import { type FieldError, forbiddenField, invalidField, requiredField } from '../status.ts';
import { type Fields, list } from './fields.ts';
import { oneOf } from './one-of.ts';
import { portNameProblems, portProblems } from './port-validation.ts';
import { nonNegative } from './workload-validation.ts';

const handlers = ['exec', 'httpGet', 'tcpSocket', 'grpc', 'sleep'];

/** Probes and life cycle hooks of a container. */
export function validateProbes(container: Fields, path: string): FieldError[] {
  const errors: FieldError[] = [];
  for (const name of ['postStart', 'preStop']) {
    const hook = container['lifecycle']?.[name];
    if (hook) errors.push(...validateHandler(hook, `${path}.lifecycle.${name}`));
  }
  for (const name of ['livenessProbe', 'readinessProbe', 'startupProbe']) {
    if (container[name]) errors.push(...validateProbe(container[name], `${path}.${name}`, name));
  }
  return errors;
}

const probeNumbers = ['initialDelaySeconds', 'timeoutSeconds', 'periodSeconds', 'successThreshold', 'failureThreshold'];

function validateProbe(probe: Fields, path: string, name: string): FieldError[] {
  const errors = [...validateHandler(probe, path), ...nonNegative(probe, path, probeNumbers)];
  const { terminationGracePeriodSeconds: grace, successThreshold } = probe;
  if (typeof grace === 'number' && grace <= 0) {
    errors.push(invalidField(`${path}.terminationGracePeriodSeconds`, grace, 'must be greater than 0'));
  }
  if (name === 'readinessProbe') {
    if (grace !== undefined) {
      errors.push(invalidField(`${path}.terminationGracePeriodSeconds`, grace, 'must not be set for readinessProbes'));
    }
  } else if (successThreshold !== undefined && successThreshold !== 1) {
    errors.push(invalidField(`${path}.successThreshold`, successThreshold, 'must be 1'));
  }
  return errors;
}

function validateHandler(handler: Fields, path: string): FieldError[] {
  const given = handlers.filter((name) => handler[name] !== undefined);
  if (given.length === 0) return [requiredField(path, 'must specify a handler type')];
  return given.flatMap((name, index) => {
    if (index > 0) return [forbiddenField(`${path}.${name}`, 'may not specify more than 1 handler type')];
    return validateAction(name, handler[name], `${path}.${name}`);
  });
}

function validateAction(name: string, action: Fields, path: string): FieldError[] {
  switch (name) {
    case 'exec':
      return list(action['command']).length === 0 ? [requiredField(`${path}.command`)] : [];
    case 'httpGet':
      return validateHttp(action, path);
    case 'tcpSocket':
      return namedPortProblems(action['port'], `${path}.port`);
    case 'grpc':
      return portProblems(action['port'], `${path}.port`);
    default:
      return [];
  }
}

function validateHttp({ path: url, port, scheme }: Fields, path: string): FieldError[] {
  return [
    ...(url ? [] : [requiredField(`${path}.path`)]),
    ...namedPortProblems(port, `${path}.port`),
    ...oneOf(`${path}.scheme`, scheme, ['HTTP', 'HTTPS']),
  ];
}

/** A port by number, or by the name that the container gives it. */
function namedPortProblems(port: unknown, path: string): FieldError[] {
  if (typeof port !== 'string') return portProblems(port ?? 0, path);
  return portNameProblems(port).map((problem) => invalidField(path, port, problem));
}
