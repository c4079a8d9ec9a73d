import type { Descriptor, ImageIndex } from './manifest.ts';
import { chartMediaTypes, mediaTypes } from './media-types.ts';
import { OciError } from './oci-error.ts';
import type { Reference } from './reference.ts';
import type { PullOptions, RegistryClient } from './registry-client.ts';

/** A chart as it lies in a registry. */
export interface PulledChart {
  /** The packaged chart (`.tgz`). */
  readonly data: Uint8Array;
  /** The `.prov` file, if it was asked for and pushed along. */
  readonly provenance?: Uint8Array;
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
  provenance?: Uint8Array;
  annotations?: Readonly<Record<string, string>>;
}

export interface PullChartOptions extends PullOptions {
  /** Fetches the `.prov` file too, as `helm pull --prov` does. */
  provenance?: boolean;
}

/** Default limit of a packaged chart, that of source-controller (`--helm-chart-max-size`). */
const defaultMaxBytes = 10 * 1024 * 1024;
const maxProvenanceBytes = 1024 * 1024;

/** Fetches a Helm chart. The limit is on the packaged chart; 10 MiB by default. */
export async function pullChart(
  client: RegistryClient,
  reference: Reference,
  options: PullChartOptions = {},
): Promise<PulledChart> {
  const { maxBytes = defaultMaxBytes, provenance: withProvenance = false, ...signal } = options;
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
  const signature = withProvenance
    ? image.layers.findLast(({ mediaType }) => mediaType === chartMediaTypes.provenance)
    : undefined;
  const data = await client.pullBytes(reference, content, { maxBytes, ...signal });
  const provenance =
    signature && (await client.pullBytes(reference, signature, { maxBytes: maxProvenanceBytes, ...signal }));
  return { data, digest: descriptor.digest, chartDigest: content.digest, ...(provenance ? { provenance } : {}) };
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
  const { data, metadata, provenance, annotations } = chart;
  const content = await client.pushBlob(reference, data, chartMediaTypes.content, options);
  const configBytes = Buffer.from(JSON.stringify(metadata));
  const config = await client.pushBlob(reference, configBytes, chartMediaTypes.config, options);
  const layers = [content];
  if (provenance) layers.push(await client.pushBlob(reference, provenance, chartMediaTypes.provenance, options));
  // helm registry/client.go sorts by digest, so that the same chart has the same manifest.
  layers.sort((left, right) => (left.digest < right.digest ? -1 : 1));
  const manifest = {
    schemaVersion: 2,
    mediaType: mediaTypes.ociManifest,
    config,
    layers,
    ...(annotations ? { annotations } : {}),
  };
  return client.pushManifest(reference, manifest, mediaTypes.ociManifest, options);
}
