import { invalidAt, labelProblems } from '../registry/names.ts';
import { duplicateField, type FieldError, forbiddenField, requiredField } from '../status.ts';
import { type Fields, list } from './fields.ts';
import { validateVolumeSource } from './volume-sources.ts';

/** What a source of a volume cannot do without. */
const requiredMembers: Readonly<Record<string, string>> = {
  hostPath: 'path',
  secret: 'secretName',
  configMap: 'name',
  persistentVolumeClaim: 'claimName',
  csi: 'driver',
};

/** The order in which the server looks at sources: those behind the first are too many. */
const sourceOrder =
  'emptyDir hostPath gitRepo gcePersistentDisk awsElasticBlockStore secret nfs iscsi glusterfs flocker persistentVolumeClaim rbd cinder cephfs quobyte downwardAPI fc configMap azureFile vsphereVolume photonPersistentDisk portworxVolume azureDisk storageos projected scaleIO csi ephemeral image'.split(
    ' ',
  );

function rankOf(kind: string): number {
  const rank = sourceOrder.indexOf(kind);
  return rank < 0 ? sourceOrder.length : rank;
}

/** The volumes of a pod spec. */
export function validateVolumes(spec: Fields, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const seen = new Set<string>();
  for (const [index, volume] of list(spec['volumes']).entries()) {
    const at = `${path}[${index}]`;
    const { name = '', ...sources } = volume;
    const kinds = Object.keys(sources).sort((a, b) => rankOf(a) - rankOf(b));
    for (const extra of kinds.slice(1)) {
      errors.push(forbiddenField(`${at}.${extra}`, 'may not specify more than 1 volume type'));
    }
    if (kinds[0] !== undefined) errors.push(...validateSource(kinds[0], sources[kinds[0]] ?? {}, at));
    if (!name) errors.push(requiredField(`${at}.name`));
    else errors.push(...invalidAt(`${at}.name`, name, labelProblems(name)));
    if (seen.has(name)) errors.push(duplicateField(`${at}.name`, name));
    seen.add(name);
  }
  return errors;
}

function validateSource(kind: string, source: Fields, path: string): FieldError[] {
  const member = requiredMembers[kind];
  if (member !== undefined && !source[member]) return [requiredField(`${path}.${kind}.${member}`)];
  const problems = validateVolumeSource(kind, source, `${path}.${kind}`);
  if (problems.length > 0) return problems;
  if (kind === 'emptyDir' && String(source['sizeLimit'] ?? '').startsWith('-')) {
    return [forbiddenField(`${path}.emptyDir.sizeLimit`, 'SizeLimit field must be a valid resource quantity')];
  }
  return [];
}
