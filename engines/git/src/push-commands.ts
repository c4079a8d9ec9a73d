import { Transform } from 'node:stream';
import { readPktLength } from './pkt-line.ts';

/** One reference that a push wants to change; ids of zeros mean creation and deletion. */
export interface PushCommand {
  before: string;
  after: string;
  ref: string;
}

const maxBytes = 1024 * 1024;

/** Passes a push request through and reads its commands, which come before the pack. */
export function readPushCommands(): { stream: Transform; commands: () => PushCommand[] } {
  let head: Buffer | undefined = Buffer.alloc(0);
  let commands: PushCommand[] = [];
  const stream = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      if (head !== undefined) {
        head = Buffer.concat([head, chunk]);
        const found = parseCommands(head);
        if (found) commands = found;
        if (found || head.length > maxBytes) head = undefined;
      }
      done(null, chunk);
    },
  });
  return { stream, commands: () => commands };
}

/** Complete when the flush packet is there. */
function parseCommands(bytes: Buffer): PushCommand[] | undefined {
  const commands: PushCommand[] = [];
  for (let at = 0; at + 4 <= bytes.length; ) {
    const length = readPktLength(bytes, at);
    if (length === undefined || length === 0) return commands;
    if (at + length > bytes.length) return undefined;
    const line = bytes.toString('utf8', at + 4, at + length).split('\0')[0] ?? '';
    const [before = '', after = '', ref = ''] = line.replace(/\n$/, '').split(' ');
    if (ref.startsWith('refs/')) commands.push({ before, after, ref });
    at += length;
  }
  return undefined;
}
