import type { KubeObject } from '@flux/apimachinery';

/** Objects as YAML documents, each begun with `---` and with sorted keys, as `flux export` prints them. */
export async function formatDocuments(objects: readonly KubeObject[]): Promise<string> {
  const { formatYaml } = await import('@flux/yaml');
  return objects.map((object) => `---\n${formatYaml(object)}`).join('');
}
