import type { Descriptor, ImageIndex } from './manifest.ts';
import { chartMediaTypes, mediaTypes } from './media-types.ts';
import { OciError } from './oci-error.ts';
import type { Reference } from './reference.ts';
import type { PullOptions, RegistryClient } from './registry-client.ts';

/** A chart as it lies in a registry. */
export interface PulledChart {
  /** The packaged chart (`.tgz`). */
  readonly data: Uint8Array;
  /** Digest of the manifest, which is what signatures are over. */
  readonly digest: string;
  /** Digest of the packaged chart. */
  readonly chartDigest: string;
}

export interface ChartToPush {
  /** The packaged chart (`.tgz`). */
  data: Uint8Array;
  /** Chart.yaml as JSON, which is the configuration of the artifact. */
  metadata: object;
}

/** Default limit of a packaged chart, that of source-controller (`--helm-chart-max-size`). */
const defaultMaxBytes = 10 * 1024 * 1024;

/** Fetches a Helm chart. The limit is on the packaged chart; 10 MiB by default. */
export async function pullChart(
  client: RegistryClient,
  reference: Reference,
  options: PullOptions = {},
): Promise<PulledChart> {
  const { maxBytes = defaultMaxBytes, ...signal } = options;
  const { descriptor, image } = await client.chosenImage(reference, chooseChart, signal);
  if (image.config.mediaType !== chartMediaTypes.config) {
    throw new OciError(`could not load config with mediatype ${chartMediaTypes.config}`);
  }
  const content = image.layers.findLast(
    ({ mediaType }) => mediaType === chartMediaTypes.content || mediaType === chartMediaTypes.legacyContent,
  );
  if (content === undefined) {
    throw new OciError(`manifest does not contain a layer with mediatype ${chartMediaTypes.content}`);
  }
  const data = await client.pullBytes(reference, content, { maxBytes, ...signal });
  return { data, digest: descriptor.digest, chartDigest: content.digest };
}

/** Other tools may wrap charts in an index. */
function chooseChart({ manifests }: ImageIndex, digest: string): Descriptor {
  const chosen =
    manifests.find(({ artifactType }) => artifactType === chartMediaTypes.config) ??
    (manifests.length === 1 ? manifests[0] : undefined);
  if (chosen === undefined) throw new OciError(`index ${digest} does not name a Helm chart`);
  return chosen;
}

/** Stores a Helm chart as `helm push` does; gives back the manifest's descriptor. */
export async function pushChart(
  client: RegistryClient,
  reference: Reference,
  chart: ChartToPush,
  options: { signal?: AbortSignal } = {},
): Promise<Descriptor> {
  const { data, metadata } = chart;
  const content = await client.pushBlob(reference, data, chartMediaTypes.content, options);
  const configBytes = Buffer.from(JSON.stringify(metadata));
  const config = await client.pushBlob(reference, configBytes, chartMediaTypes.config, options);
  const manifest = {
    schemaVersion: 2,
    mediaType: mediaTypes.ociManifest,
    config,
    layers: [content],
  };
  return client.pushManifest(reference, manifest, mediaTypes.ociManifest, options);
}
