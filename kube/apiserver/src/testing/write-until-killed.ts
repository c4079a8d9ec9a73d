import { configMap, DirectClient } from './direct-client.ts';

/** Creates ConfigMaps in the data directory that is named by the argument and prints each name once it is acknowledged. */
async function main(dataDirectory: string): Promise<never> {
  const client = await DirectClient.start({ dataDirectory, controllers: false });
  for (let batch = 0; ; batch++) {
    const names = Array.from({ length: 20 }, (_, index) => `m-${batch}-${index}`);
    await Promise.all(
      names.map(async (name) => {
        await client.create('/api/v1/namespaces/default/configmaps', configMap(name));
        process.stdout.write(`${name}\n`);
      }),
    );
  }
}

await main(process.argv[2]!);
