import { invalidAt, labelValueProblems, qualifiedNameProblems } from '../registry/names.ts';
import { type FieldError, forbiddenField, invalidField } from '../status.ts';
import { addressProblems } from './address-validation.ts';
import { type Fields, list } from './fields.ts';
import { oneOfIfGiven } from './one-of.ts';

const longestAffinitySeconds = 86_400;

/** What a Service may say of traffic, affinity and balancing, beside its ports and addresses. */
export function validateTraffic(spec: Fields): FieldError[] {
  return [
    ...selectorProblems(spec['selector']),
    ...addressesProblems(spec),
    ...externalProblems(spec),
    ...familyProblems(spec),
    ...balancerProblems(spec),
    ...affinityProblems(spec),
    ...oneOfIfGiven('spec.internalTrafficPolicy', spec['internalTrafficPolicy'], ['Cluster', 'Local']),
    ...oneOfIfGiven('spec.trafficDistribution', spec['trafficDistribution'], [
      'PreferClose',
      'PreferSameZone',
      'PreferSameNode',
    ]),
  ];
}

function selectorProblems(selector: Record<string, string> | undefined): FieldError[] {
  return Object.entries(selector ?? {}).flatMap(([key, value]) => [
    ...invalidAt('spec.selector', key, qualifiedNameProblems(key)),
    ...invalidAt('spec.selector', value, labelValueProblems(value)),
  ]);
}

function addressesProblems({ clusterIPs, clusterIP, type }: Fields): FieldError[] {
  if (type === 'ExternalName') return [];
  const addresses: string[] = list(clusterIPs).length ? clusterIPs : clusterIP ? [clusterIP] : [];
  return addresses.flatMap((address, index) =>
    address === 'None' ? [] : addressProblems(address, `spec.clusterIPs[${index}]`),
  );
}

/** Addresses that lead nowhere else. */
const innerRanges: readonly (readonly [RegExp, string])[] = [
  [/^(0\.0\.0\.0|::)$/, 'may not be unspecified (0.0.0.0 or ::)'],
  [/^(127\.|::1$)/, 'may not be in the loopback range (127.0.0.0/8, ::1/128)'],
  [/^(169\.254\.|fe[89ab])/i, 'may not be in the link-local range (169.254.0.0/16, fe80::/10)'],
  [/^(224\.0\.0\.|ff02:)/i, 'may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)'],
];

/** Addresses that traffic of others cannot be for. */
export function innerAddressProblems(address: string, path: string): FieldError[] {
  return innerRanges.filter(([range]) => range.test(address)).map(([, why]) => invalidField(path, address, why));
}

function externalProblems({ externalIPs, type, externalTrafficPolicy, healthCheckNodePort = 0 }: Fields): FieldError[] {
  const errors = (list(externalIPs) as unknown as string[]).flatMap((address, index) =>
    innerAddressProblems(address, `spec.externalIPs[${index}]`),
  );
  const isExternal = type === 'NodePort' || type === 'LoadBalancer' || list(externalIPs).length > 0;
  if (externalTrafficPolicy && !isExternal) {
    const why = 'may only be set for externally-accessible services';
    errors.push(invalidField('spec.externalTrafficPolicy', externalTrafficPolicy, why));
  }
  if (healthCheckNodePort && !(type === 'LoadBalancer' && externalTrafficPolicy === 'Local')) {
    const why = "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'";
    errors.push(invalidField('spec.healthCheckNodePort', healthCheckNodePort, why));
  }
  return errors;
}

function familyProblems({ type, ipFamilyPolicy, ipFamilies, selector, clusterIP }: Fields): FieldError[] {
  // Headless services without a selector say nothing of where their addresses are from.
  if (type === 'ExternalName' || (clusterIP === 'None' && !selector)) return [];
  const errors: FieldError[] = [];
  if (ipFamilyPolicy === 'RequireDualStack') {
    const why = 'this cluster is not configured for dual-stack services';
    errors.push(invalidField('spec.ipFamilyPolicy', ipFamilyPolicy, why));
  }
  for (const [index, family] of (list(ipFamilies) as unknown as string[]).entries()) {
    if (family === 'IPv6')
      errors.push(invalidField(`spec.ipFamilies[${index}]`, family, 'not configured on this cluster'));
  }
  return errors;
}

function balancerProblems(spec: Fields): FieldError[] {
  const errors: FieldError[] = [];
  const { type, loadBalancerClass, allocateLoadBalancerNodePorts, loadBalancerSourceRanges } = spec;
  const isBalanced = type === 'LoadBalancer';
  const only = "may only be used when `type` is 'LoadBalancer'";
  if (allocateLoadBalancerNodePorts !== undefined && !isBalanced) {
    errors.push(forbiddenField('spec.allocateLoadBalancerNodePorts', only));
  }
  if (list(loadBalancerSourceRanges).length > 0 && !isBalanced) {
    errors.push(forbiddenField('spec.LoadBalancerSourceRanges', only));
  }
  if (loadBalancerClass === undefined) return errors;
  if (!isBalanced) return [...errors, forbiddenField('spec.loadBalancerClass', only)];
  return [
    ...errors,
    ...invalidAt('spec.loadBalancerClass', loadBalancerClass, qualifiedNameProblems(loadBalancerClass)),
  ];
}

function affinityProblems({ sessionAffinity, sessionAffinityConfig }: Fields): FieldError[] {
  const seconds = sessionAffinityConfig?.clientIP?.timeoutSeconds;
  if (sessionAffinity !== 'ClientIP' || seconds === undefined) return [];
  if (seconds > 0 && seconds <= longestAffinitySeconds) return [];
  const why = `must be greater than 0 and less than ${longestAffinitySeconds}`;
  return [invalidField('spec.sessionAffinityConfig.clientIP.timeoutSeconds', seconds, why)];
}
