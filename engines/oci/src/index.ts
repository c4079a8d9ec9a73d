/**
 * Registries of OCI artifacts as a client: names, credentials, tags, manifests and blobs, and Helm charts in them.
 * Start with `parseReference` and `connectRegistry`; `pullChart` fetches a chart.
 */
export { type ChartToPush, type PullChartOptions, type PulledChart, pullChart, pushChart } from './chart.ts';
export { type CosignKey, readCosignKey, verifyCosign } from './cosign.ts';
export {
  type Credentials,
  credentialsForHost,
  credentialsForRepository,
  type DockerConfigEntry,
  parseDockerConfig,
} from './credentials.ts';
export {
  type Descriptor,
  type ImageIndex,
  type ImageManifest,
  type Platform,
  parseImageIndex,
  parseImageManifest,
} from './manifest.ts';
export { chartMediaTypes, mediaTypes } from './media-types.ts';
export { IntegrityError, OciError, OciReferenceError, SignatureError } from './oci-error.ts';
export {
  formatReference,
  parseChartReference,
  parseReference,
  type Reference,
  tagToVersion,
  versionToTag,
} from './reference.ts';
export {
  connectRegistry,
  type Manifest,
  type PullOptions,
  RegistryClient,
  type RegistryOptions,
} from './registry-client.ts';
export { type RegistryDiagnostic, RegistryError, type Wording } from './registry-error.ts';
