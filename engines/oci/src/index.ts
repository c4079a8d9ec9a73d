/**
 * Registries of OCI artifacts as a client: names, credentials, tags, manifests and blobs, and Helm charts in them.
 * Start with `parseReference` and `connectRegistry`; `pullChart` fetches a chart.
 */
export { type ChartToPush, type PulledChart, pullChart, pushChart } from './chart.ts';
export { type CosignKey, readCosignKey, verifyCosign } from './cosign.ts';
export { type Credentials, credentialsForHost, type DockerConfigEntry, parseDockerConfig } from './credentials.ts';
export type { Descriptor, ImageIndex, ImageManifest } from './manifest.ts';
export { IntegrityError, OciError, OciReferenceError, SignatureError } from './oci-error.ts';
export { parseChartReference, parseReference, type Reference, tagToVersion } from './reference.ts';
export {
  connectRegistry,
  type Manifest,
  type PullOptions,
  RegistryClient,
  type RegistryOptions,
} from './registry-client.ts';
export { type RegistryDiagnostic, RegistryError } from './registry-error.ts';
