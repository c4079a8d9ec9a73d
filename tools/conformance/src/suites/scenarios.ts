import type { Outcome } from '../outcome.ts';
import type { PlatformOptions } from '../scenarios/platform.ts';
import { findMissingKind, loadScenarios, type Scenario } from '../scenarios/scenario.ts';

/** Scenarios that are replayed at the same time; each has namespaces of its own. */
const concurrency = 6;

export interface ScenarioOptions extends PlatformOptions {
  /** Only scenarios whose name contains this. */
  only?: string;
}

/**
 * Replays what real controllers were recorded doing, and compares everything at every record. From outside,
 * `SCENARIOS_ENGINE=real` takes real Kubernetes, and `SCENARIOS=text` only scenarios whose name contains the text.
 */
export async function run(folder: string, options: ScenarioOptions = fromEnvironment()): Promise<Outcome[]> {
  const { only = '' } = options;
  const scenarios = (await loadScenarios(folder)).filter(({ name }) => name.includes(only));
  const { startPlatform } = await import('../scenarios/platform.ts');
  await using platform = await startPlatform(options);
  const { replay } = await import('../scenarios/replay.ts');
  const outcomes = new Map<string, Outcome>();
  const queue = [...scenarios];
  const work = async () => {
    for (let scenario = queue.shift(); scenario; scenario = queue.shift()) {
      outcomes.set(scenario.name, await outcomeOf(scenario, () => replay(platform, scenario as Scenario)));
    }
  };
  await Promise.all(Array.from({ length: concurrency }, work));
  return scenarios.flatMap(({ name }) => outcomes.get(name) ?? []);
}

function fromEnvironment(): ScenarioOptions {
  const { SCENARIOS_ENGINE: engine, SCENARIOS: only } = process.env;
  return { engine: engine === 'real' ? 'real' : 'embedded', ...(only ? { only } : {}) };
}

async function outcomeOf(scenario: Scenario, replay: () => Promise<string[]>): Promise<Outcome> {
  const id = scenario.name;
  const missing = await findMissingKind(scenario);
  if (missing) return { id, failure: `no ${missing} controller yet` };
  try {
    const differences = await replay();
    return differences.length === 0 ? { id } : { id, failure: differences.join('\n') };
  } catch (error) {
    return { id, failure: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}
