import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { KubeObject } from '@flux/apimachinery';

/** What a step waits for; see cases/scenarios/README.md. */
export interface WaitCondition {
  kind?: string;
  ns?: string;
  name?: string;
  condition?: string;
  status?: string;
  reason?: string;
  messageContains?: string;
  path?: string;
  equals?: unknown;
  contains?: string;
  not?: unknown;
  exists?: boolean;
  absent?: boolean;
  event?: { kind: string; name: string; reason?: string; contains?: string };
  notifications?: number;
  timeoutSec?: number;
}

export interface ObjectName {
  kind: string;
  ns?: string;
  name: string;
  apiVersion?: string;
}

/** One step: exactly one of its actions is set. */
export interface Step {
  git?: string;
  commit?: Record<string, string | { file: string } | null>;
  branch?: string;
  from?: string;
  tag?: string;
  annotated?: boolean;
  message?: string;
  expand?: boolean;
  auth?: { username: string; password: string };
  apply?: string;
  expectError?: boolean;
  patch?: ObjectName & { patch: unknown; type?: 'json'; subresource?: string; manager?: string };
  annotate?: ObjectName & { annotations: Record<string, string> };
  delete?: ObjectName & { propagation?: 'Background' | 'Foreground' | 'Orphan' };
  waitFor?: WaitCondition;
  sleep?: number;
  record?: string;
  /** Name of an artifact in the registry. */
  oci?: string;
  /** Folder of a chart that is packaged into a repository. */
  chart?: string;
  repo?: string;
  helmFile?: string;
  content?: string;
  [action: string]: unknown;
}

export interface Scenario {
  name: string;
  namespaces: string[];
  clusterObjects?: string[];
  steps: Step[];
  /** Where its input files and records are. */
  folder: string;
}

/** What was there at a `record` step. */
export interface ScenarioRecord {
  flux: KubeObject[];
  objects: KubeObject[];
  events: RecordedEvent[];
  notifications?: unknown[];
  /** Secrets of releases, decoded. */
  helmStorage?: KubeObject[];
  responses?: unknown[];
}

export interface RecordedEvent {
  type: string;
  reason: string;
  message: string;
  involvedObject: Record<string, unknown>;
  annotations?: Record<string, string>;
  reportingComponent: string;
}

export async function loadScenarios(folder: string): Promise<Scenario[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  return Promise.all(names.sort().map((name) => loadScenario(join(folder, name))));
}

async function loadScenario(folder: string): Promise<Scenario> {
  return { ...JSON.parse(await readFile(join(folder, 'scenario.json'), 'utf8')), folder };
}

export async function loadRecord(scenario: Scenario, name: string): Promise<ScenarioRecord> {
  return JSON.parse(await readFile(join(scenario.folder, `record-${name}.json`), 'utf8'));
}

const servedKinds = new Set(['GitRepository', 'HelmRepository', 'HelmChart', 'HelmRelease', 'Kustomization']);
const missingActions: Readonly<Record<string, string>> = {
  artifact: 'OCIRepository',
  imageTags: 'ImageRepository',
  hook: 'Receiver',
};

/** The first kind that the scenario needs and that has no controller yet. */
export async function findMissingKind(scenario: Scenario): Promise<string | undefined> {
  for (const step of scenario.steps) {
    for (const [action, kind] of Object.entries(missingActions)) if (action in step) return kind;
    if (step.record !== undefined) {
      const record = await loadRecord(scenario, step.record);
      if (record.notifications?.length) return 'Provider';
    }
    if (step.apply === undefined) continue;
    const text = await readFile(join(scenario.folder, step.apply), 'utf8');
    for (const [, group, kind] of text.matchAll(/^apiVersion: (\S+\.fluxcd\.io)\/\S+\nkind: (\S+)/gm)) {
      if (group && kind && !servedKinds.has(kind)) return kind;
    }
  }
  return undefined;
}
