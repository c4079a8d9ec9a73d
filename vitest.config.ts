import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{base,model,engines,kube,controllers,apps,tools}/**/src/**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/*.e2e.test.ts'],
    pool: 'threads',
    // These tell what hangs from what goes on; how fast the machine is must not matter.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 60_000 } },
  },
});
