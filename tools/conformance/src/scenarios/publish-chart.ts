import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { connectRegistry, parseChartReference, pushChart } from '@flux/oci';
import { packChart } from '@flux/testkit';

/** The files of a chart's folder, named from it. */
export async function readChartFolder(folder: string): Promise<Record<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files: Record<string, string> = {};
  for (const entry of entries.filter((each) => each.isFile())) {
    const path = join(entry.parentPath, entry.name);
    files[relative(folder, path)] = await readFile(path, 'utf8');
  }
  return files;
}

/** Packages a chart and pushes it as `host/repository:tag`; its version is the tag unless another is given. */
export async function pushChartFolder(
  folder: string,
  target: { host: string; repository: string; tag?: string },
): Promise<void> {
  const { chart, archive } = await packChart(await readChartFolder(folder));
  const tag = target.tag ?? chart.metadata.version;
  await using client = connectRegistry(target.host, { insecure: true, environment: {} });
  const reference = parseChartReference(`oci://${target.host}/${target.repository}:${tag}`);
  await pushChart(client, reference, { data: archive, metadata: chart.metadata });
}
