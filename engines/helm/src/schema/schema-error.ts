import { FluxError } from '@flux/errors';

/** A schema that cannot be read or compiled, in the words of santhosh-tekuri/jsonschema. */
export class SchemaError extends FluxError {
  override readonly code = 'HELM_SCHEMA';
}
