import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { indexFile, indexToJson, loadRepositoryIndex, selectChartVersion } from '@flux/helm';
import { readUsage } from './measure.ts';

/** What one process does with a repository's index: reads it, chooses a version, stores it as the artifact. */
const [source = '', chart = '', target = ''] = process.argv.slice(2);
const start = performance.now();
const index = await loadRepositoryIndex(indexFile(source), { maxBytes: Number.POSITIVE_INFINITY });
const { version } = selectChartVersion(index, chart, '>=1.0.0');
const loadMs = performance.now() - start;
const loadPeakMiB = readUsage(process.pid)?.peakMiB;
await pipeline(Readable.from(indexToJson(index)), createWriteStream(target));
const storeMs = performance.now() - start - loadMs;
const peakMiB = readUsage(process.pid)?.peakMiB;
process.stdout.write(
  JSON.stringify({ version, loadMs, loadPeakMiB, storeMs, peakMiB, keptMiB: index.storedBytes / 2 ** 20 }),
);
