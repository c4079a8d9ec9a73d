import { writeFile } from 'node:fs/promises';
import { startApiServer } from '@flux/apiserver';

/** Serves until the parent ends it; answers any message with the memory in use after a collection. */
const [kubeconfig = '', dataDirectory] = process.argv.slice(2);
const server = await startApiServer({ workloads: false, ...(dataDirectory ? { dataDirectory } : {}) });
await writeFile(kubeconfig, server.adminKubeconfig(), { mode: 0o600 });
process.on('message', () => {
  globalThis.gc?.();
  process.send?.({ usedBytes: process.memoryUsage().heapUsed + process.memoryUsage().external });
});
process.on('disconnect', () => process.exit(0));
process.send?.({ ready: true });
