import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{base,model,engines,kube,controllers,apps,tools}/**/src/**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/*.e2e.test.ts'],
    pool: 'threads',
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
