import type { Fields } from '../strategies/fields.ts';

const stringFormats = new Set(
  (
    'bsonobjectid uri email hostname ipv4 ipv6 cidr mac uuid uuid3 uuid4 uuid5 isbn isbn10 isbn13 creditcard ssn ' +
    'hexcolor rgbcolor byte password date duration datetime date-time k8s-short-name k8s-long-name'
  ).split(' '),
);

const knownFormats: Readonly<Record<string, ReadonlySet<string>>> = {
  string: stringFormats,
  integer: new Set(['int32', 'int64']),
  number: new Set(['float', 'double']),
};

/** Formats that the API server does not check, once each. */
export function formatWarnings(versions: readonly Fields[]): string[] {
  const unknown = new Set<string>();
  for (const { schema } of versions) collect(schema?.openAPIV3Schema, unknown);
  return [...unknown].map((format) => `unrecognized format ${JSON.stringify(format)}`);
}

function collect(schema: Fields | undefined, unknown: Set<string>): void {
  if (typeof schema !== 'object' || schema === null) return;
  const { type, format, properties, items, additionalProperties } = schema;
  const known = knownFormats[type as string];
  if (known && typeof format === 'string' && format !== '' && !known.has(format)) {
    unknown.add(format);
  }
  for (const child of Object.values<Fields>(properties ?? {})) collect(child, unknown);
  collect(items, unknown);
  collect(additionalProperties, unknown);
}
