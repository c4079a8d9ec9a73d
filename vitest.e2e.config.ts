import { defineConfig } from 'vitest/config';

/** The end-to-end suite: real Kubernetes, real tools. Files run one after the other, they share the machine. */
export default defineConfig({
  test: {
    include: ['{base,model,engines,kube,controllers,apps,tools}/**/src/**/*.e2e.test.ts'],
    exclude: ['**/node_modules/**'],
    fileParallelism: false,
    testTimeout: 240_000,
    hookTimeout: 900_000,
    expect: { poll: { timeout: 60_000 } },
  },
});
