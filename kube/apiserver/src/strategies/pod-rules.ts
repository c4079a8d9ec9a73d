import { invalidAt, qualifiedNameProblems, subdomainProblems } from '../registry/names.ts';
import { type FieldError, invalidField, requiredField } from '../status.ts';
import { addressProblems } from './address-validation.ts';
import { type Fields, list } from './fields.ts';
import { oneOf, oneOfIfGiven } from './one-of.ts';

/** What a pod says of its host, its network and when it may be scheduled. */
export function validatePodRules(spec: Fields, path: string): FieldError[] {
  return [
    ...nameServerProblems(spec, path),
    ...hostProblems(spec, path),
    ...gateProblems(spec, path),
    ...hostPortProblems(spec, path),
    ...seccompProblems(spec['securityContext'], `${path}.securityContext`),
  ];
}

function nameServerProblems({ dnsPolicy, dnsConfig, hostAliases }: Fields, path: string): FieldError[] {
  const servers = list(dnsConfig?.nameservers) as unknown as string[];
  const errors: FieldError[] = [];
  if (dnsPolicy === 'None') {
    if (!dnsConfig)
      errors.push(requiredField(`${path}.dnsConfig`, 'must provide `dnsConfig` when `dnsPolicy` is None'));
    else if (!servers.length) {
      const why = 'must provide at least one DNS nameserver when `dnsPolicy` is None';
      errors.push(requiredField(`${path}.dnsConfig.nameservers`, why));
    }
  }
  for (const [index, server] of servers.entries()) {
    errors.push(...addressProblems(server, `${path}.dnsConfig.nameservers[${index}]`));
  }
  for (const [index, { ip = '' }] of list(hostAliases).entries()) {
    errors.push(...addressProblems(ip, `${path}.hostAliases[${index}].ip`));
  }
  return errors;
}

function hostProblems({ nodeName, os, shareProcessNamespace, hostPID }: Fields, path: string): FieldError[] {
  const errors: FieldError[] = [];
  if (nodeName) errors.push(...invalidAt(`${path}.nodeName`, nodeName, subdomainProblems(nodeName)));
  if (os)
    errors.push(...(os.name ? oneOf(`${path}.os`, os.name, ['linux', 'windows']) : [requiredField(`${path}.os.name`)]));
  if (shareProcessNamespace && hostPID) {
    const why = 'ShareProcessNamespace and HostPID cannot both be enabled';
    errors.push(invalidField(`${path}.securityContext.shareProcessNamespace`, true, why));
  }
  return errors;
}

function gateProblems({ readinessGates, schedulingGates }: Fields, path: string): FieldError[] {
  return [
    ...list(readinessGates).flatMap(({ conditionType = '' }, index) =>
      invalidAt(`${path}.readinessGates[${index}].conditionType`, conditionType, qualifiedNameProblems(conditionType)),
    ),
    ...list(schedulingGates).flatMap(({ name = '' }, index) =>
      invalidAt(`${path}.schedulingGates[${index}]`, name, qualifiedNameProblems(name)),
    ),
  ];
}

/** On the network of the host a port is what it is there. */
function hostPortProblems(spec: Fields, path: string): FieldError[] {
  if (!spec['hostNetwork']) return [];
  const why = 'must match `containerPort` when `hostNetwork` is true';
  return list(spec['containers']).flatMap(({ ports }, index) =>
    list(ports).flatMap(({ hostPort, containerPort }, position) =>
      hostPort && hostPort !== containerPort
        ? [invalidField(`${path}.containers[${index}].ports[${position}].hostPort`, hostPort, why)]
        : [],
    ),
  );
}

function seccompProblems(context: Fields | undefined, path: string): FieldError[] {
  const type = context?.['seccompProfile']?.type;
  return oneOfIfGiven(`${path}.seccompProfile.type`, type, ['Localhost', 'RuntimeDefault', 'Unconfined']);
}
