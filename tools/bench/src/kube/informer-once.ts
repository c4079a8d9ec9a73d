import { connectCluster } from '@flux/client';
import { createWatchCache } from '@flux/runtime';
import { readUsage } from '../measure.ts';

/** A process that does nothing but follow one kind: what it holds when all objects are in. */
const [kubeconfig = '', apiVersion = '', kind = ''] = process.argv.slice(2);
const cluster = await connectCluster({ kubeconfig });
const watches = createWatchCache(cluster);
const view = watches.view({ apiVersion, kind });
const start = performance.now();
await view.synced();
const seconds = (performance.now() - start) / 1000;
const peakMiB = readUsage(process.pid)?.peakMiB;
const count = view.list().length;
process.stdout.write(JSON.stringify({ count, seconds, peakMiB }));
await watches.close();
await cluster.close();
