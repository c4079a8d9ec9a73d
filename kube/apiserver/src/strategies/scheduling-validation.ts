import { invalidAt, labelValueProblems, qualifiedNameProblems } from '../registry/names.ts';
import { type FieldError, invalidField, requiredField, unsupportedField } from '../status.ts';
import { type Fields, list } from './fields.ts';
import { oneOf } from './one-of.ts';

/** Where a pod may run: tolerations, affinity, spreading. */
export function validateScheduling(spec: Fields, path: string): FieldError[] {
  return [
    ...list(spec['tolerations']).flatMap((item, index) => validateToleration(item, `${path}.tolerations[${index}]`)),
    ...validateAffinity(spec['affinity'] ?? {}, `${path}.affinity`),
    ...validateSpreading(spec, path),
  ];
}

function validateToleration(toleration: Fields, path: string): FieldError[] {
  const { key = '', operator = 'Equal', value = '', effect = '', tolerationSeconds } = toleration;
  const errors: FieldError[] = key ? invalidAt(`${path}.key`, key, qualifiedNameProblems(key)) : [];
  const at = `${path}.operator`;
  if (!key && operator !== 'Exists') {
    const why = 'operator must be Exists when `key` is empty, which means "match all values and all keys"';
    errors.push(invalidField(at, operator, why));
  }
  if (tolerationSeconds !== undefined && effect !== 'NoExecute') {
    errors.push(invalidField(`${path}.effect`, effect, "effect must be 'NoExecute' when `tolerationSeconds` is set"));
  }
  if (operator === 'Exists') {
    if (value) errors.push(invalidField(at, value, "value must be empty when `operator` is 'Exists'"));
  } else if (operator === 'Equal') errors.push(...invalidAt(at, value, labelValueProblems(value)));
  else errors.push(unsupportedField(at, operator, ['Equal', 'Exists']));
  const effects = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];
  return effect ? [...errors, ...oneOf(`${path}.effect`, effect, effects)] : errors;
}

const required = 'requiredDuringSchedulingIgnoredDuringExecution';
const preferred = 'preferredDuringSchedulingIgnoredDuringExecution';

function validateAffinity(affinity: Fields, path: string): FieldError[] {
  const { nodeAffinity: node } = affinity;
  const errors: FieldError[] = node ? validateNodeAffinity(node, `${path}.nodeAffinity`) : [];
  for (const name of ['podAffinity', 'podAntiAffinity']) {
    const terms = affinity[name] ?? {};
    for (const [index, term] of list(terms[required]).entries()) {
      errors.push(...validateTopology(term, `${path}.${name}.${required}[${index}]`));
    }
    for (const [index, { weight, podAffinityTerm }] of list(terms[preferred]).entries()) {
      const at = `${path}.${name}.${preferred}[${index}]`;
      errors.push(...weightProblems(weight, at), ...validateTopology(podAffinityTerm ?? {}, `${at}.podAffinityTerm`));
    }
  }
  return errors;
}

function validateNodeAffinity(node: Fields, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const terms = node[required]?.nodeSelectorTerms;
  if (node[required] && list(terms).length === 0) {
    errors.push(requiredField(`${path}.${required}.nodeSelectorTerms`, 'must have at least one node selector term'));
  }
  for (const [index, term] of list(terms).entries()) {
    errors.push(...validateTerm(term, `${path}.${required}.nodeSelectorTerms[${index}]`));
  }
  for (const [index, { weight, preference }] of list(node[preferred]).entries()) {
    const at = `${path}.${preferred}[${index}]`;
    errors.push(...weightProblems(weight, at), ...validateTerm(preference ?? {}, `${at}.preference`));
  }
  return errors;
}

function weightProblems(weight: unknown, path: string): FieldError[] {
  const isFine = typeof weight === 'number' && weight >= 1 && weight <= 100;
  return isFine ? [] : [invalidField(`${path}.weight`, weight ?? 0, 'must be in the range 1-100')];
}

function validateTerm({ matchExpressions }: Fields, path: string): FieldError[] {
  return list(matchExpressions).flatMap(({ operator, values }, index) => {
    const at = `${path}.matchExpressions[${index}]`;
    const count = list(values).length;
    if (operator === 'In' || operator === 'NotIn') {
      const why = "must be specified when `operator` is 'In' or 'NotIn'";
      return count === 0 ? [requiredField(`${at}.values`, why)] : [];
    }
    if (operator === 'Gt' || operator === 'Lt') {
      const why = "must be specified single value when `operator` is 'Lt' or 'Gt'";
      return count === 1 ? [] : [requiredField(`${at}.values`, why)];
    }
    if (operator === 'Exists' || operator === 'DoesNotExist') return [];
    return [invalidField(`${at}.operator`, operator, 'not a valid selector operator')];
  });
}

function validateTopology({ topologyKey = '' }: Fields, path: string): FieldError[] {
  const at = `${path}.topologyKey`;
  const errors = topologyKey ? [] : [requiredField(at, 'can not be empty')];
  return [...errors, ...invalidAt(at, topologyKey, qualifiedNameProblems(topologyKey))];
}

function validateSpreading(spec: Fields, path: string): FieldError[] {
  const errors: FieldError[] = [];
  for (const [index, constraint] of list(spec['topologySpreadConstraints']).entries()) {
    const at = `${path}.topologySpreadConstraints[${index}]`;
    const { maxSkew, topologyKey, whenUnsatisfiable } = constraint;
    if (!(maxSkew > 0)) errors.push(invalidField(`${at}.maxSkew`, maxSkew ?? 0, 'must be greater than zero'));
    if (!topologyKey) errors.push(requiredField(`${at}.topologyKey`, 'can not be empty'));
    errors.push(...oneOf(`${at}.whenUnsatisfiable`, whenUnsatisfiable, ['DoNotSchedule', 'ScheduleAnyway']));
  }
  return errors;
}
