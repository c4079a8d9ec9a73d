import { lazyData } from './data.ts';
import { definitionData, type OpenApiDefinition } from './schema.ts';

type Descriptions = Record<string, [definition: string, properties: Record<string, string>]>;
const descriptions = lazyData<Descriptions>('./descriptions.generated.json.gz');
let described: Record<string, OpenApiDefinition> | undefined;

/**
 * The `definitions` of /openapi/v2 for every built-in kind, descriptions included, as kubectl reads them for validation and
 * `explain`; /openapi/v3 takes the same with `#/components/schemas/` references.
 */
export function openApiV2Definitions(): Readonly<Record<string, OpenApiDefinition>> {
  described ??= Object.fromEntries(
    Object.entries(definitionData().definitions).map(([name, definition]) => [name, describe(name, definition)]),
  );
  return described;
}

function describe(name: string, definition: OpenApiDefinition): OpenApiDefinition {
  const [text, fields] = descriptions()[name] ?? ['', {}];
  const { properties } = definition;
  return {
    ...(text !== '' && { description: text }),
    ...definition,
    ...(properties && {
      properties: Object.fromEntries(
        Object.entries(properties).map(([key, property]) => [
          key,
          { ...(fields[key] && { description: fields[key] }), ...property },
        ]),
      ),
    }),
  };
}
