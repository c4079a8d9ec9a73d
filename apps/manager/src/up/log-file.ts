import { createWriteStream } from 'node:fs';
import { createLog, type Logger } from '@flux/runtime';

/** The controllers' log of a `flux up`, a JSON object a line, in a file that `flux logs` reads. */
export interface LogFile extends AsyncDisposable {
  log: Logger;
}

/** Appends to `path`; with `echo` every line also goes there. */
export async function openLogFile(path: string, echo?: (line: string) => void): Promise<LogFile> {
  const file = createWriteStream(path, { flags: 'a', mode: 0o600 });
  const log = await createLog({
    write: (line) => {
      file.write(line.endsWith('\n') ? line : `${line}\n`);
      echo?.(line.trimEnd());
    },
  });
  return {
    log,
    [Symbol.asyncDispose]: () => new Promise((resolve) => file.end(resolve)),
  };
}
