import { validateLabels } from '../registry/metadata.ts';
import { invalidAt, labelProblems, subdomainProblems } from '../registry/names.ts';
import {
  duplicateField,
  type FieldError,
  forbiddenField,
  invalidField,
  notFoundField,
  requiredField,
} from '../status.ts';
import { backstepProblems } from './claim-validation.ts';
import { validateEnv, validateResources, validateSecurityContext, validateUsers } from './container-validation.ts';
import { type Fields, list } from './fields.ts';
import { oneOf } from './one-of.ts';
import { validatePodRules } from './pod-rules.ts';
import { portNameProblems, portProblems } from './port-validation.ts';
import { validateProbes } from './probe-validation.ts';
import { validateScheduling } from './scheduling-validation.ts';
import { validateVolumes } from './volume-validation.ts';

/** The checks of a pod spec that manifests run into. */
export function validatePodSpec(spec: Fields, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const broken = validateVolumes(spec, `${path}.volumes`);
  const isSound = (index: number) => !broken.some(({ field }) => field.startsWith(`${path}.volumes[${index}]`));
  // A volume that is not sound is none that could be mounted.
  const volumes = new Set(
    list(spec['volumes'])
      .filter((_volume, index) => isSound(index))
      .map(({ name }) => name),
  );
  errors.push(...broken);
  if (list(spec['containers']).length === 0) errors.push(requiredField(`${path}.containers`));
  const names = new Set<string>();
  for (const group of ['containers', 'initContainers']) {
    for (const [index, container] of list(spec[group]).entries()) {
      const at = `${path}.${group}[${index}]`;
      errors.push(...validateContainer(container, at, { names, volumes }));
      if (group === 'initContainers' && container['restartPolicy'] !== 'Always')
        errors.push(...noProbes(container, at));
    }
  }
  const dnsPolicies = ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None'];
  errors.push(
    ...oneOf(`${path}.restartPolicy`, spec['restartPolicy'], ['Always', 'OnFailure', 'Never']),
    ...oneOf(`${path}.dnsPolicy`, spec['dnsPolicy'], dnsPolicies),
  );
  errors.push(...validateLabels(spec['nodeSelector'], `${path}.nodeSelector`), ...validateScheduling(spec, path));
  for (const field of ['hostname', 'subdomain']) {
    if (spec[field]) errors.push(...invalidAt(`${path}.${field}`, spec[field], labelProblems(spec[field])));
  }
  errors.push(
    ...validateUsers(spec['securityContext'] ?? {}, `${path}.securityContext`),
    ...validatePodRules(spec, path),
  );
  if (spec['serviceAccountName']) {
    const name = spec['serviceAccountName'];
    errors.push(...invalidAt(`${path}.serviceAccountName`, name, subdomainProblems(name)));
  }
  if (spec['activeDeadlineSeconds'] !== undefined && spec['activeDeadlineSeconds'] < 1) {
    const problem = 'must be between 1 and 2147483647, inclusive';
    errors.push(invalidField(`${path}.activeDeadlineSeconds`, spec['activeDeadlineSeconds'], problem));
  }
  return errors;
}

function noProbes(container: Fields, path: string): FieldError[] {
  const why = 'may not be set for init containers without restartPolicy=Always';
  return ['lifecycle', 'livenessProbe', 'readinessProbe', 'startupProbe']
    .filter((name) => container[name])
    .map((name) => forbiddenField(`${path}.${name}`, why));
}

interface Known {
  names: Set<string>;
  volumes: ReadonlySet<string>;
}

function validateContainer(container: Fields, path: string, known: Known): FieldError[] {
  const errors: FieldError[] = [];
  const { name = '', image = '' } = container;
  if (!name) errors.push(requiredField(`${path}.name`));
  else errors.push(...invalidAt(`${path}.name`, name, labelProblems(name)));
  if (known.names.has(name)) errors.push(duplicateField(`${path}.name`, name));
  else known.names.add(name);
  if (!image) errors.push(requiredField(`${path}.image`));
  else if (image.trim() !== image) {
    errors.push(invalidField(`${path}.image`, image, 'must not have leading or trailing whitespace'));
  }
  const { imagePullPolicy, terminationMessagePolicy } = container;
  errors.push(
    ...oneOf(`${path}.imagePullPolicy`, imagePullPolicy, ['Always', 'IfNotPresent', 'Never']),
    ...oneOf(`${path}.terminationMessagePolicy`, terminationMessagePolicy ?? 'File', ['File', 'FallbackToLogsOnError']),
  );
  errors.push(...validatePorts(container, path), ...validateEnv(container, path));
  for (const [index, device] of list(container['volumeDevices']).entries()) {
    const at = `${path}.volumeDevices[${index}]`;
    if (!known.volumes.has(device['name'])) errors.push(notFoundField(`${at}.name`, device['name'] ?? ''));
    if (!device['devicePath']) errors.push(requiredField(`${at}.devicePath`));
  }
  const paths = new Set<unknown>();
  for (const [index, mount] of list(container['volumeMounts']).entries()) {
    const at = `${path}.volumeMounts[${index}]`;
    if (!mount['name']) errors.push(requiredField(`${at}.name`));
    else if (!known.volumes.has(mount['name'])) errors.push(notFoundField(`${at}.name`, mount['name']));
    if (!mount['mountPath']) errors.push(requiredField(`${at}.mountPath`));
    else if (paths.has(mount['mountPath']))
      errors.push(invalidField(`${at}.mountPath`, mount['mountPath'], 'must be unique'));
    paths.add(mount['mountPath']);
    errors.push(...backstepProblems(mount['subPath'] ?? '', `${path}.volumeMounts.subPath`));
  }
  return [
    ...errors,
    ...validateProbes(container, path),
    ...validateResources(container['resources'] ?? {}, `${path}.resources`),
    ...validateSecurityContext(container['securityContext'] ?? {}, `${path}.securityContext`),
  ];
}

function validatePorts(container: Fields, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const names = new Set<string>();
  for (const [index, port] of list(container['ports']).entries()) {
    const at = `${path}.ports[${index}]`;
    if (port['name']) {
      errors.push(
        ...portNameProblems(port['name']).map((problem) => invalidField(`${at}.name`, port['name'], problem)),
      );
      if (names.has(port['name'])) errors.push(duplicateField(`${at}.name`, port['name']));
      names.add(port['name']);
    }
    if (port['hostPort']) errors.push(...portProblems(port['hostPort'], `${at}.hostPort`));
    if (!port['containerPort']) errors.push(requiredField(`${at}.containerPort`));
    else errors.push(...portProblems(port['containerPort'], `${at}.containerPort`));
    errors.push(...oneOf(`${at}.protocol`, port['protocol'], ['SCTP', 'TCP', 'UDP']));
  }
  return errors;
}
