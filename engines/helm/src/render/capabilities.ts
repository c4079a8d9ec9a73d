import type { GoStruct } from '@flux/gotemplate';
import { helmCapabilities } from '@flux/sprig';
import { isCompatibleRange } from '../chart/compatible-range.ts';
import { defaultApiVersions } from './api-versions.table.ts';
import { RenderError, RenderRequestError } from './render-error.ts';

export interface KubeVersion {
  /** As the cluster says it, `v1.33.4-gke.1245000`. */
  version: string;
  major: string;
  minor: string;
  /** Without suffixes, what constraints of charts are held against; absent for versions that come from a cluster. */
  normalized?: string;
}

/** What templates learn about the cluster (HELM-TPL-12). */
export interface Capabilities {
  kubeVersion: KubeVersion;
  /** `group/version` and `group/version/Kind`. */
  apiVersions: readonly string[];
}

/** The Helm that charts see; many compare it. */
const helmVersion = { helmVersion: 'v4.3', kubeClientVersion: 'v1.37', goVersion: 'go1.26.8' };

/** What Helm assumes when it talks to no cluster; extra API versions come after its own. */
export function defaultCapabilities(
  options: { kubeVersion?: string; apiVersions?: readonly string[] } = {},
): Capabilities {
  return {
    kubeVersion: parseKubeVersion(options.kubeVersion ?? 'v1.37.0'),
    apiVersions: [...defaultApiVersions, ...(options.apiVersions ?? [])],
  };
}

/** Reads a version of Kubernetes as `--kube-version` gives it; what follows the numbers is kept but not compared. */
function parseKubeVersion(text: string): KubeVersion {
  const refuse = (problem: string) => new RenderRequestError(`invalid kube version '${text}': ${problem}`);
  const numbers = /^\s*v?(\d+(?:\.\d+)*)/.exec(text)?.[1];
  if (numbers === undefined) throw refuse(`could not parse "${text}" as version`);
  const parts = numbers.split('.');
  const [major = '', minor] = parts;
  if (minor === undefined) throw refuse(`illegal version string "${text}"`);
  const padded = parts.find((part) => part.length > 1 && part.startsWith('0'));
  if (padded !== undefined) throw refuse(`illegal zero-prefixed version component "${padded}" in "${text}"`);
  return { version: text.startsWith('v') ? text : `v${text}`, normalized: `v${numbers}`, major, minor };
}

/** Refuses a chart that wants another Kubernetes (HELM-LOAD-07). */
export function checkKubeVersion(constraint: string | undefined, { kubeVersion }: Capabilities): void {
  const { normalized, version } = kubeVersion;
  if (constraint === undefined || constraint === '' || isCompatibleRange(constraint, normalized ?? version)) return;
  throw new RenderError(`chart requires kubeVersion: ${constraint} which is incompatible with Kubernetes ${version}`);
}

/** `.Capabilities` of templates. */
export function templateCapabilities({ kubeVersion, apiVersions }: Capabilities): GoStruct {
  const { version, major, minor, normalized } = kubeVersion;
  return helmCapabilities({
    kubeVersion: { version, major, minor, normalized: normalized ?? version },
    apiVersions,
    ...helmVersion,
  });
}
