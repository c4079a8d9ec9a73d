import type { HelmReleaseSnapshot } from '@flux/api';

/** `<ns>/<name>.v<revision>`, the form of a release in success messages. */
export function formatRelease({
  namespace,
  name,
  version,
}: Pick<HelmReleaseSnapshot, 'namespace' | 'name' | 'version'>): string {
  return `${namespace}/${name}.v${version}`;
}

function formatChart({ chartName, chartVersion }: Pick<HelmReleaseSnapshot, 'chartName' | 'chartVersion'>): string {
  return `${chartName}@${chartVersion}`;
}

function releaseWithChart(snapshot: HelmReleaseSnapshot): string {
  return `${formatRelease(snapshot)} with chart ${formatChart(snapshot)}`;
}

/** The texts of HELM-REL-08. */
export const messages = {
  succeeded: (action: 'install' | 'upgrade' | 'uninstall', snapshot: HelmReleaseSnapshot) =>
    `Helm ${action} succeeded for release ${releaseWithChart(snapshot)}`,
  releaseFailed: (action: 'install' | 'upgrade', release: string, chart: string, error: string) =>
    `Helm ${action} failed for release ${release} with chart ${chart}: ${error.trim()}`,
  uninstallFailed: (snapshot: HelmReleaseSnapshot, error: string) =>
    `Helm uninstall failed for release ${releaseWithChart(snapshot)}: ${error.trim()}`,
  notFound: (snapshot: HelmReleaseSnapshot) =>
    `Release ${formatRelease(snapshot)} was not found, assuming it is uninstalled`,
  alreadyUninstalled: (snapshot: HelmReleaseSnapshot) => `Release ${formatRelease(snapshot)} was already uninstalled`,
  remediationUninstalled: (snapshot: HelmReleaseSnapshot) =>
    `Helm uninstall remediation for release ${releaseWithChart(snapshot)} succeeded`,
  remediationFailed: (snapshot: HelmReleaseSnapshot, error: string) =>
    `Helm uninstall remediation for release ${releaseWithChart(snapshot)} failed: ${error.trim()}`,
  rolledBack: (target: HelmReleaseSnapshot) =>
    `Helm rollback to previous release ${releaseWithChart(target)} succeeded`,
  rollbackFailed: (target: HelmReleaseSnapshot, error: string) =>
    `Helm rollback to previous release ${releaseWithChart(target)} failed: ${error.trim()}`,
  tested: (snapshot: HelmReleaseSnapshot, hooks: number) =>
    `Helm test succeeded for release ${releaseWithChart(snapshot)}: ${formatHookCount(hooks)}`,
  testFailed: (snapshot: HelmReleaseSnapshot, error: string) =>
    `Helm test failed for release ${releaseWithChart(snapshot)}: ${error.trim()}`,
  awaitingTests: (snapshot: HelmReleaseSnapshot) => `Helm release ${releaseWithChart(snapshot)} is awaiting tests`,
  unlocked: (snapshot: HelmReleaseSnapshot, status: string) =>
    `Unlocked Helm release ${releaseWithChart(snapshot)} in ${status} state`,
  unlockFailed: (snapshot: HelmReleaseSnapshot, status: string, error: string) =>
    `Unlock of Helm release ${releaseWithChart(snapshot)} in ${status} state failed: ${error.trim()}`,
} as const;

function formatHookCount(count: number): string {
  if (count === 0) return 'no test hooks';
  return count === 1 ? '1 test hook completed successfully' : `${count} test hooks completed successfully`;
}
