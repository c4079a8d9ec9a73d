import { invalidAt, label1035Problems, subdomainProblems } from '../registry/names.ts';
import type { Strategy } from '../registry/resource.ts';
import { type FieldError, invalidField, requiredField } from '../status.ts';
import { type Fields, setDefault } from './fields.ts';

export const apiService: Strategy = {
  nameRule: 'path',
  setDefaults({ spec }) {
    if (spec?.service) setDefault(spec.service, 'port', 443);
  },
  validate({ metadata, spec = {} }) {
    const { group = '', version = '' } = spec;
    const name = `${version}.${group}`;
    const errors: FieldError[] = [];
    if (metadata.name && metadata.name !== name) {
      const why = `must be \`spec.version+"."+spec.group\`: ${JSON.stringify(name)}`;
      errors.push(invalidField('metadata.name', metadata.name, why));
    }
    if (group !== '') errors.push(...invalidAt('spec.group', group, subdomainProblems(group)));
    else if (version !== 'v1') {
      errors.push(requiredField('spec.group', 'only v1 may have an empty group and it better be legacy kube'));
    }
    errors.push(...invalidAt('spec.version', version, label1035Problems(version)));
    errors.push(...priorityProblems(spec, 'groupPriorityMinimum', 20_000));
    errors.push(...priorityProblems(spec, 'versionPriority', 1000));
    return [...errors, ...(spec.service ? serviceProblems(spec) : localProblems(spec))];
  },
};

function priorityProblems(spec: Fields, name: string, most: number): FieldError[] {
  const value = spec[name] ?? 0;
  if (value > 0 && value <= most) return [];
  return [invalidField(`spec.${name}`, value, `must be positive and less than ${most}`)];
}

/** What this server answers itself needs no way to reach it. */
function localProblems({ caBundle, insecureSkipTLSVerify }: Fields): FieldError[] {
  const errors: FieldError[] = [];
  if (caBundle) {
    const size = `${Buffer.from(caBundle, 'base64').length} bytes`;
    errors.push(invalidField('spec.caBundle', size, 'local APIServices may not have a caBundle'));
  }
  if (insecureSkipTLSVerify) {
    const why = 'local APIServices may not have insecureSkipTLSVerify';
    errors.push(invalidField('spec.insecureSkipTLSVerify', true, why));
  }
  return errors;
}

function serviceProblems({ service, caBundle, insecureSkipTLSVerify }: Fields): FieldError[] {
  const errors = ['namespace', 'name'].flatMap((name) =>
    service[name] ? [] : [requiredField(`spec.service.${name}`)],
  );
  if (service.port < 1 || service.port > 65_535) {
    const why = 'port is not valid: must be between 1 and 65535, inclusive';
    errors.push(invalidField('spec.service.port', service.port, why));
  }
  if (insecureSkipTLSVerify && caBundle) {
    errors.push(invalidField('spec.insecureSkipTLSVerify', true, 'may not be true if caBundle is present'));
  }
  return errors;
}
