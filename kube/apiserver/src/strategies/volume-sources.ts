import { type FieldError, invalidField, requiredField } from '../status.ts';
import { backstepProblems, nfsProblems, validateClaimSpec } from './claim-validation.ts';
import { type Fields, list } from './fields.ts';
import { oneOfIfGiven } from './one-of.ts';

const hostPathTypes = [
  '',
  'BlockDevice',
  'CharDevice',
  'Directory',
  'DirectoryOrCreate',
  'File',
  'FileOrCreate',
  'Socket',
];
const mostBits = 0o777;

/** What a source of a pod's volume says beyond the member that it cannot do without. */
export function validateVolumeSource(kind: string, source: Fields, path: string): FieldError[] {
  switch (kind) {
    case 'hostPath':
      return oneOfIfGiven(`${path}.type`, source['type'], hostPathTypes);
    case 'secret':
    case 'configMap':
      return [...modeProblems(source, path), ...itemProblems(source, path)];
    case 'downwardAPI':
      return list(source['items']).flatMap((item) =>
        item['fieldRef'] || item['resourceFieldRef']
          ? []
          : [requiredField(path, 'one of fieldRef and resourceFieldRef is required')],
      );
    case 'ephemeral':
      return source['volumeClaimTemplate']
        ? validateClaimSpec(source['volumeClaimTemplate'].spec ?? {}, `${path}.volumeClaimTemplate.spec`)
        : [requiredField(`${path}.volumeClaimTemplate`)];
    case 'nfs':
      return nfsProblems(source, path);
    default:
      return [];
  }
}

function modeProblems({ defaultMode }: Fields, path: string): FieldError[] {
  if (defaultMode === undefined || (defaultMode >= 0 && defaultMode <= mostBits)) return [];
  const why = 'must be a number between 0 and 0777 (octal), both inclusive';
  return [invalidField(`${path}.defaultMode`, defaultMode, why)];
}

function itemProblems({ items }: Fields, path: string): FieldError[] {
  return list(items).flatMap(({ key, path: target = '' }, index) => {
    const at = `${path}.items[${index}]`;
    return [
      ...(key ? [] : [requiredField(`${at}.key`)]),
      ...(target ? localPathProblems(target, `${at}.path`) : [requiredField(`${at}.path`)]),
    ];
  });
}

function localPathProblems(target: string, path: string): FieldError[] {
  if (target.startsWith('/')) return [invalidField(path, target, 'must be a relative path')];
  return backstepProblems(target, path);
}
