import { afterAll, afterEach, beforeAll, beforeEach, describe } from 'vitest';
import { ControllerWorld, type SuiteCluster } from './testing/controller-world.ts';
import { testLifecycle } from './testing/lifecycle.suite.ts';
import { testPasses } from './testing/passes.suite.ts';
import { testReports } from './testing/reports.suite.ts';
import { testTriggers } from './testing/triggers.suite.ts';

/** The guarantees of the runtime, checked against a server that serves the Kustomization CRD once it is created. */
export function describeControllers(name: string, connect: () => Promise<SuiteCluster>): void {
  describe(name, () => {
    const world = new ControllerWorld(connect);
    beforeAll(() => world.open());
    afterAll(() => world.close());
    beforeEach(() => world.beginTest());
    afterEach(() => world.endTest());

    testPasses(world);
    testTriggers(world);
    testLifecycle(world);
    testReports(world);
  });
}
