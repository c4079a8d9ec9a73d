import { sha256Hex } from '@flux/crypto';
import { ChartUrlError, chartUrl, indexUrl, loadRepositoryIndex, selectChartVersion } from '@flux/helm';
import { createHttpClient, DownloadError } from '@flux/http';

interface WantedChart {
  /** Address of the repository. */
  repo: string;
  name: string;
  /** A version or a range of versions. */
  version: string;
}

const timeoutMs = 60_000;
const maxIndexBytes = 50 * 1024 * 1024;
export const maxChartBytes = 10 * 1024 * 1024;

/** The archive of a chart from a repository with an index, which has to have the digest of its entry there. */
export async function downloadChart(
  { repo, name, version }: WantedChart,
  options: { signal?: AbortSignal; rewrite?: (url: string) => string } = {},
): Promise<Uint8Array> {
  const { signal, rewrite = (url: string) => url } = options;
  await using client = createHttpClient();
  const get = async (address: string, maxBytes: number) => {
    const url = rewrite(address);
    const response = await client.bytes(url, { timeoutMs, maxBytes, ...(signal ? { signal } : {}) });
    if (response.status === 200) return response.body;
    throw new DownloadError(`failed to fetch ${url} : ${response.status} ${response.statusText}`);
  };
  const index = await loadRepositoryIndex(await get(indexUrl(repo), maxIndexBytes), { maxBytes: maxIndexBytes });
  const entry = selectChartVersion(index, name, version);
  const url = chartUrl(entry, repo);
  const archive = await get(url, maxChartBytes);
  const digest = entry.digest?.replace(/^sha256:/, '') ?? '';
  if (digest !== '' && digest !== sha256Hex(archive)) {
    throw new ChartUrlError(`the chart at ${url} does not have the digest ${digest} of its index`);
  }
  return archive;
}
