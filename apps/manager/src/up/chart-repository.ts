import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256Hex } from '@flux/crypto';
import { rootedFileSystem } from '@flux/fs';
import { loadChartFolder, packageChart } from '@flux/helm';
import { type FileServer, serveFiles } from '@flux/source-controller';
import { formatYaml } from '@flux/yaml';

/** Packages every chart below `folder` into `target` and serves them as a Helm repository. */
export async function serveChartFolder(
  folder: string,
  target: string,
  address: { host: string; port: number },
): Promise<FileServer> {
  await mkdir(target, { recursive: true });
  const entries: Record<string, object[]> = {};
  const fs = rootedFileSystem(folder);
  for (const name of (await readdir(folder)).sort()) {
    const chart = await loadChartFolder(fs, join(folder, name));
    const archive = await packageChart(chart);
    const file = `${chart.metadata.name}-${chart.metadata.version}.tgz`;
    await writeFile(join(target, file), archive);
    entries[chart.metadata.name] = [
      { ...chart.metadata, created: '2026-01-01T00:00:00Z', digest: sha256Hex(archive), urls: [file] },
    ];
  }
  await writeFile(join(target, 'index.yaml'), formatYaml({ apiVersion: 'v1', entries }));
  return serveFiles({ root: target, ...address });
}
