import { Database } from '../storage/database.ts';
import { Store } from '../storage/store.ts';
import { countBatches, writeBatch } from './numbered-writes.ts';

/** Goes on with the numbered batches in the data directory that is named by the argument; prints each that is durable. */
async function main(directory: string): Promise<never> {
  const store = new Store({ database: await Database.open(directory) });
  for (let batch = countBatches(store); ; batch++) {
    writeBatch(store, batch);
    await store.settled();
    process.stdout.write(`${batch + 1}\n`);
  }
}

await main(process.argv[2]!);
