/** A difference from real Flux that we chose. */
interface ChosenDifference {
  /** Absent: in every scenario. */
  scenario?: string;
  /** Of the text of the difference. */
  pattern: RegExp;
  reason: string;
}

const chosen: readonly ChosenDifference[] = [
  {
    scenario: 'kustomization-helm-release',
    pattern: /^flux Kustomization\/\S+: \.status\.history\[0\]\.digest: /,
    reason: 'The digest of the objects covers the address of the chart repository.',
  },
  {
    pattern: /^event (missing|not expected): HelmChart\/\S+ Normal ArtifactUpToDate /,
    reason: 'Whether a chart is looked at once more is chance (cases/scenarios/README.md).',
  },
  {
    pattern: /^event (missing|not expected): HelmChart\/\S+ Normal NoSourceArtifact /,
    reason: 'Seen in passing when a chart is looked at before the index of its repository is there.',
  },
  {
    pattern: /^event (missing|not expected): HelmRelease\/\S+ Normal DependencyNotReady /,
    reason: 'A dependent waits for a change of its dependency and does not ask again every few seconds.',
  },
  {
    scenario: 'kustomization-dependson-readyexpr',
    pattern: /Kustomization\/.*bad.*Syntax error: /s,
    reason:
      'Where an expression does not parse, our CEL parser names the place as cel-go does, but not what it expected.',
  },
  {
    scenario: 'kustomization-crd-and-cr',
    pattern: /^objects Namespace\/\/golden-stage-ns: missing/,
    reason: 'The record caught the namespace while Kubernetes was removing it; the embedded server is done by then.',
  },
  {
    scenario: 'kustomization-dependson',
    pattern: /^event (missing|not expected): Kustomization\/(apps|infra) Normal DependencyNotReady /,
    reason: 'A dependent waits for a change of its dependency and does not ask again every few seconds.',
  },
  {
    pattern: /^event (missing|not expected): Kustomization\/app Normal Progressing "[^"]* created" /,
    scenario: 'kustomization-force',
    reason: 'A repeated event carries the revision of its newest occurrence; client-go leaves that of the first.',
  },
  {
    pattern: /^event (missing|not expected): Kustomization\/app Normal Progressing "[^"]* created" /,
    scenario: 'kustomization-force-annotation',
    reason: 'As in kustomization-force.',
  },
];

export function isChosenDifference(scenario: string, text: string): boolean {
  return chosen.some((entry) => (entry.scenario ?? scenario) === scenario && entry.pattern.test(text));
}
