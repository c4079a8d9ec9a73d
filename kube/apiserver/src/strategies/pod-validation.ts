import { internalForm } from '@flux/builtin';
import { parseQuantity } from '../decode/scalars.ts';
import { validateLabels } from '../registry/metadata.ts';
import { invalidAt, labelProblems, subdomainProblems } from '../registry/names.ts';
import {
  duplicateField,
  type FieldError,
  invalidField,
  notFoundField,
  requiredField,
  unsupportedField,
} from '../status.ts';
import { type Fields, list } from './fields.ts';
import { portNameProblems, validateProbes } from './probe-validation.ts';
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
      errors.push(...validateContainer(container, `${path}.${group}[${index}]`, { names, volumes }));
    }
  }
  if (!['Always', 'OnFailure', 'Never'].includes(spec['restartPolicy'])) {
    errors.push(
      unsupportedField(`${path}.restartPolicy`, spec['restartPolicy'] ?? '', ['Always', 'OnFailure', 'Never']),
    );
  }
  if (!['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None'].includes(spec['dnsPolicy'])) {
    const known = ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None'];
    errors.push(unsupportedField(`${path}.dnsPolicy`, spec['dnsPolicy'] ?? '', known));
  }
  errors.push(...validateLabels(spec['nodeSelector'], `${path}.nodeSelector`), ...validateSpreading(spec, path));
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

function validateSpreading(spec: Fields, path: string): FieldError[] {
  const errors: FieldError[] = [];
  for (const [index, constraint] of list(spec['topologySpreadConstraints']).entries()) {
    const at = `${path}.topologySpreadConstraints[${index}]`;
    const { maxSkew, topologyKey, whenUnsatisfiable } = constraint;
    if (!(maxSkew > 0)) errors.push(invalidField(`${at}.maxSkew`, maxSkew ?? 0, 'must be greater than zero'));
    if (!topologyKey) errors.push(requiredField(`${at}.topologyKey`, 'can not be empty'));
    const known = ['DoNotSchedule', 'ScheduleAnyway'];
    if (!known.includes(whenUnsatisfiable)) {
      errors.push(unsupportedField(`${at}.whenUnsatisfiable`, whenUnsatisfiable, known));
    }
  }
  return errors;
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
  if (!['Always', 'IfNotPresent', 'Never'].includes(container['imagePullPolicy'])) {
    errors.push(
      unsupportedField(`${path}.imagePullPolicy`, container['imagePullPolicy'], ['Always', 'IfNotPresent', 'Never']),
    );
  }
  errors.push(...validatePorts(container, path), ...validateEnv(container, path));
  const paths = new Set<unknown>();
  for (const [index, mount] of list(container['volumeMounts']).entries()) {
    const at = `${path}.volumeMounts[${index}]`;
    if (!mount['name']) errors.push(requiredField(`${at}.name`));
    else if (!known.volumes.has(mount['name'])) errors.push(notFoundField(`${at}.name`, mount['name']));
    if (!mount['mountPath']) errors.push(requiredField(`${at}.mountPath`));
    else if (paths.has(mount['mountPath']))
      errors.push(invalidField(`${at}.mountPath`, mount['mountPath'], 'must be unique'));
    paths.add(mount['mountPath']);
    if (
      String(mount['subPath'] ?? '')
        .split('/')
        .includes('..')
    ) {
      errors.push(invalidField(`${path}.volumeMounts.subPath`, mount['subPath'], "must not contain '..'"));
    }
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
    if (!port['containerPort']) errors.push(requiredField(`${at}.containerPort`));
    else errors.push(...portProblems(port['containerPort'], `${at}.containerPort`));
    if (!['TCP', 'UDP', 'SCTP'].includes(port['protocol'])) {
      errors.push(unsupportedField(`${at}.protocol`, port['protocol'], ['SCTP', 'TCP', 'UDP']));
    }
  }
  return errors;
}

export function portProblems(port: unknown, path: string): FieldError[] {
  if (typeof port === 'number' && port >= 1 && port <= 65535) return [];
  return [invalidField(path, port, 'must be between 1 and 65535, inclusive')];
}

function validateEnv(container: Fields, path: string): FieldError[] {
  const errors: FieldError[] = [];
  for (const [index, { name, value, valueFrom }] of list(container['env']).entries()) {
    const at = `${path}.env[${index}]`;
    if (!name) errors.push(requiredField(`${at}.name`));
    else if (!/^[\x20-\x3c\x3e-\x7e]+$/.test(name)) {
      const rule = "a valid environment variable name must consist only of printable ASCII characters other than '='";
      errors.push(invalidField(`${at}.name`, name, rule));
    }
    if (!valueFrom) continue;
    const sources = Object.keys(valueFrom);
    if (sources.length === 0) {
      const detail = 'must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`';
      errors.push(invalidField(`${at}.valueFrom`, '', detail));
    }
    if (value) errors.push(invalidField(`${at}.valueFrom`, '', 'may not be specified when `value` is not empty'));
    if (sources.length > 1) {
      errors.push(invalidField(`${at}.valueFrom`, '', 'may not have more than one field specified at a time'));
    }
  }
  return errors;
}

function validateSecurityContext(context: Fields, path: string): FieldError[] {
  const errors: FieldError[] = [];
  for (const name of ['runAsUser', 'runAsGroup']) {
    const value = context[name];
    if (value === undefined || (value >= 0 && value <= 2_147_483_647)) continue;
    errors.push(invalidField(`${path}.${name}`, value, 'must be between 0 and 2147483647, inclusive'));
  }
  if (context['privileged'] === true && context['allowPrivilegeEscalation'] === false) {
    const shown = internalForm('SecurityContext', context);
    errors.push(invalidField(path, shown, 'cannot set `allowPrivilegeEscalation` to false and `privileged` to true'));
  }
  return errors;
}

function validateResources(resources: Fields, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const { limits = {}, requests = {} } = resources;
  for (const [group, amounts] of Object.entries({ limits, requests })) {
    for (const [name, amount] of Object.entries<string>(amounts)) {
      if (parseQuantity(amount)!.nano >= 0n) continue;
      errors.push(invalidField(`${path}.${group}[${name}]`, amount, 'must be greater than or equal to 0'));
    }
  }
  for (const [name, request] of Object.entries<string>(requests)) {
    const limit = limits[name];
    if (limit === undefined) continue;
    if (parseQuantity(request)!.nano > parseQuantity(limit)!.nano) {
      errors.push(invalidField(`${path}.requests`, request, `must be less than or equal to ${name} limit of ${limit}`));
    }
  }
  return errors;
}
