import type { CelDeclaration } from '../cost/declaration.ts';
import { type CelType, listType, mapType, opaqueType, optionalType, structType, types } from './type.ts';

const reserved = new Set(
  'true false null in as break const continue else for function if import let loop package namespace return var void while'.split(
    ' ',
  ),
);

/** The type of a declared value. Objects without a name of their own are named by the way to them, as Kubernetes does. */
export function typeOfDeclaration(declaration: CelDeclaration, path: string): CelType {
  const { kind, key, element, fields, name } = declaration;
  switch (kind) {
    case 'list':
      return listType(typeOfDeclaration(element!, `${path}.@idx`));
    case 'map':
      return mapType(key ? typeOfDeclaration(key, path) : types.string, typeOfDeclaration(element!, `${path}.@elem`));
    case 'optional':
      return optionalType(typeOfDeclaration(element!, path));
    case 'object':
      return objectType(fields ?? new Map(), name ?? path);
    case 'opaque':
      return name!.startsWith('net.') ? opaqueType(name!) : structType(name!);
    default:
      return types[kind];
  }
}

/** Types of members are made when they are asked for: a schema has more of them than its rules use. */
function objectType(fields: ReadonlyMap<string, CelDeclaration>, path: string): CelType {
  const made = new Map<string, CelType>();
  return structType(path, (name) => {
    const field = fields.has(name) || !reserved.has(name) ? name : `__${name}__`;
    const declaration = fields.get(field);
    if (!declaration) return undefined;
    const type = made.get(field) ?? typeOfDeclaration(declaration, `${path}.${field}`);
    made.set(field, type);
    return type;
  });
}

/** A type as a declaration, for a variable that holds such a value; what is no scalar, list or map can be anything. */
export function declarationOfType({ kind, parameters }: CelType): CelDeclaration {
  const [first, second] = parameters;
  switch (kind) {
    case 'list':
      return { kind, maxElements: 0, element: declarationOfType(first!) };
    case 'map':
      return { kind, maxElements: 0, key: declarationOfType(first!), element: declarationOfType(second!) };
    case 'error':
    case 'opaque':
    case 'parameter':
    case 'struct':
    case 'type':
      return { kind: 'dyn', maxElements: 0 };
    default:
      return { kind, maxElements: 0 };
  }
}
