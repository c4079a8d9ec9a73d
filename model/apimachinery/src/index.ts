/**
 * The data model of the Kubernetes API, with no I/O: objects and their identity, selectors, patches, structured merge
 * (managed fields), structural schemas and the server's Status. Start with `object.ts`.
 */
export * from './object.ts';
export {
  type GoField,
  memberSchema,
  propertySchema,
  type Schema,
  type SchemaType,
  type ValidationRule,
} from './schema.ts';
export * from './status-error.ts';
export { structuralFromOpenApi } from './structural.ts';
