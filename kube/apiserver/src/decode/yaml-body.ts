import { parseYaml, YamlError } from '@flux/yaml';

/** YAML 1.1 as Go reads it, with the duplicate keys that a strict reader complains about. */
export function parseYamlBody(text: string): { value: unknown; problems: string[] } {
  try {
    return { value: parseYaml(text, { strict: true }), problems: [] };
  } catch (error) {
    if (!(error instanceof YamlError) || !/already set in map/.test(error.message)) throw error;
    return { value: parseYaml(text), problems: [error.message] };
  }
}
