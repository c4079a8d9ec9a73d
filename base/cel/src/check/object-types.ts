import { type CelType, opaqueType, structType, types } from './type.ts';

const patchFields: Readonly<Record<string, CelType>> = {
  op: types.string,
  path: types.string,
  from: types.string,
  value: types.dyn,
};

const noType = opaqueType('');

/** What mutations construct: `JSONPatch`, and `Object` with a type for each way to a field, whose values can be anything. */
export function objectTypeNamed(name: string): CelType | undefined {
  if (name === 'JSONPatch') {
    return structType(name, (field) => (Object.hasOwn(patchFields, field) ? patchFields[field] : noType));
  }
  return name === 'Object' || name.startsWith('Object.') ? structType(name, () => types.dyn) : undefined;
}
