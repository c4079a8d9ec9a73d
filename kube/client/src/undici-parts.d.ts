/** The two files of undici that a direct connection needs; the package types them only through its entry. */
declare module 'undici/lib/dispatcher/pool.js' {
  import type { Pool } from 'undici';

  const DirectPool: typeof Pool;
  export default DirectPool;
}

declare module 'undici/lib/api/api-request.js' {
  import type { Dispatcher } from 'undici';

  export default function request(
    this: Dispatcher,
    options: Dispatcher.RequestOptions,
  ): Promise<Dispatcher.ResponseData>;
}
