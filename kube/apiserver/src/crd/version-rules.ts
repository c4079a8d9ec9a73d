import { urlErrors } from '../admission/webhook-validation.ts';
import { duplicateField, type FieldError, forbiddenField, invalidField, requiredField } from '../status.ts';
import { type Fields, list } from '../strategies/fields.ts';

/** What a version of a CRD says beside its schema. */
export function validateVersionMembers(version: Fields, path: string, schema: Fields | undefined): FieldError[] {
  return [
    ...validateScale(version['subresources']?.scale, `${path}.subresources.scale`),
    ...validateSelectable(list(version['selectableFields']), `${path}.selectableFields`, schema),
  ];
}

/** What a version says of its end. */
export function validateDeprecation({ deprecated, deprecationWarning }: Fields, path: string): FieldError[] {
  if (deprecationWarning === undefined) return [];
  const at = `${path}.deprecationWarning`;
  if (!deprecated) return [invalidField(at, deprecationWarning, 'can only be set for deprecated versions')];
  const index = [...String(deprecationWarning)].findIndex((character) => /\p{C}/u.test(character));
  if (index < 0) return [];
  const why = `must only contain printable UTF-8 characters; non-printable character found at index ${index}`;
  return [invalidField(at, deprecationWarning, why)];
}

function validateScale(scale: Fields | undefined, path: string): FieldError[] {
  if (!scale) return [];
  const check = (name: string, parent: string, isOptional = false): FieldError[] => {
    const value: string = scale[name] ?? '';
    const at = `${path}.${name}`;
    if (value === '') return isOptional ? [] : [requiredField(at)];
    if (!value.startsWith('.')) return [invalidField(at, value, 'must be a simple json path starting with .')];
    if (/[[\]*?@]/.test(value)) return [invalidField(at, value, 'must be a simple json path with dot notation')];
    const parents = parent.split(' or ');
    if (parents.some((name) => value.startsWith(`${name}.`))) return [];
    const shown = parents.length > 1 ? `either ${parent}` : parent;
    return [invalidField(at, value, `should be a json path under ${shown}`)];
  };
  return [
    ...check('specReplicasPath', '.spec'),
    ...check('statusReplicasPath', '.status'),
    ...check('labelSelectorPath', '.spec or .status', true),
  ];
}

function validateSelectable(fields: readonly Fields[], path: string, schema: Fields | undefined): FieldError[] {
  const seen = new Set<string>();
  return fields.flatMap(({ jsonPath = '' }, index) => {
    const at = `${path}[${index}].jsonPath`;
    if (seen.has(jsonPath)) return [duplicateField(at, jsonPath)];
    seen.add(jsonPath);
    if (jsonPath === '') return [requiredField(at)];
    if (!/^[.[]/.test(jsonPath)) {
      return [invalidField(at, jsonPath, `is an invalid path: expected [ or . but got: ${jsonPath}`)];
    }
    const found = fieldAt(jsonPath, schema);
    if (!found) return [invalidField(at, jsonPath, 'is an invalid path: does not refer to a valid field')];
    if (['string', 'boolean', 'integer'].includes(found['type'])) return [];
    const why =
      'must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.';
    return [invalidField(at, jsonPath, why)];
  });
}

function fieldAt(path: string, schema: Fields | undefined): Fields | undefined {
  let at = schema;
  for (const name of path.split('.').slice(1)) at = at?.['properties']?.[name];
  return at;
}

/** Fields of a conversion by webhook. */
export function validateConversionMembers({ strategy, webhook }: Fields): FieldError[] {
  const versions = list(webhook?.conversionReviewVersions) as unknown as string[];
  const at = 'spec.conversion.conversionReviewVersions';
  if (strategy !== 'Webhook') {
    const errors: FieldError[] = [];
    if (versions.length > 0) errors.push(forbiddenField(at, 'should not be set when strategy is not set to Webhook'));
    if (webhook?.clientConfig) {
      const why = 'should not be set when strategy is not set to Webhook';
      errors.push(forbiddenField('spec.conversion.webhookClientConfig', why));
    }
    return errors;
  }
  const url: unknown = webhook?.clientConfig?.url;
  const errors = typeof url === 'string' ? urlErrors(url, 'spec.conversion.webhookClientConfig.url') : [];
  if (versions.length === 0 || versions.some((name) => name === 'v1' || name === 'v1beta1')) return errors;
  return [...errors, invalidField(at, versions, 'must include at least one of v1, v1beta1')];
}
