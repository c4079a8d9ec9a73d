import { startApiServer } from '@flux/apiserver';

/** Starts the API server on the data directory that is named by the argument, prints how long it took and ends. */
async function main(dataDirectory: string): Promise<void> {
  const start = performance.now();
  const server = await startApiServer({ dataDirectory });
  const startMs = performance.now() - start;
  process.stdout.write(JSON.stringify({ startMs }));
  await server.close();
}

await main(process.argv[2]!);
