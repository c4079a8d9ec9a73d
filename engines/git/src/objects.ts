import { GitError } from './git-error.ts';

export interface GitSignature {
  name: string;
  email: string;
  when: Date;
}

/** A commit with what signature verification needs. */
export interface GitCommit {
  /** Object id in hex. */
  hash: string;
  author: GitSignature;
  committer: GitSignature;
  message: string;
  /** Armored signature, or empty. */
  signature: string;
  /** The object without its signature: what was signed. */
  payload: Buffer;
}

/** An annotated tag. */
export interface GitTag {
  hash: string;
  name: string;
  /** Id of the object that is tagged. */
  target: string;
  tagger: GitSignature | undefined;
  message: string;
  signature: string;
  payload: Buffer;
}

/** Parses the content of a commit object. */
export function parseCommit(hash: string, content: Buffer): GitCommit {
  const { headers, body } = splitObject(content);
  const signature = headers.find(({ name }) => name === 'gpgsig');
  return {
    hash,
    author: parseSignature(header(headers, 'author')),
    committer: parseSignature(header(headers, 'committer')),
    message: body.toString(),
    signature: signature?.value ?? '',
    payload: signature
      ? Buffer.concat([content.subarray(0, signature.start), content.subarray(signature.end)])
      : content,
  };
}

const signatureStart = /^-----BEGIN (?:PGP SIGNATURE|PGP MESSAGE|SSH SIGNATURE|SIGNED MESSAGE)-----$/m;

/** Parses the content of a tag object; its signature is the end of the message. */
export function parseTag(hash: string, content: Buffer): GitTag {
  const { headers, body } = splitObject(content);
  const tagger = headers.find(({ name }) => name === 'tagger');
  const text = body.toString('latin1'); // one byte a character, so that offsets in the text are offsets in the bytes
  const start = signatureStart.exec(text)?.index ?? text.length;
  return {
    hash,
    name: header(headers, 'tag'),
    target: header(headers, 'object'),
    tagger: tagger ? parseSignature(tagger.value) : undefined,
    message: body.subarray(0, start).toString(),
    signature: body.subarray(start).toString(),
    payload: content.subarray(0, content.length - (body.length - start)),
  };
}

interface Header {
  name: string;
  value: string;
  /** Where the line with its continuation lines lies in the object. */
  start: number;
  end: number;
}

function splitObject(content: Buffer): { headers: Header[]; body: Buffer } {
  const headers: Header[] = [];
  let at = 0;
  while (at < content.length) {
    const newline = content.indexOf(10, at);
    const end = newline < 0 ? content.length : newline + 1;
    const line = content.toString('utf8', at, newline < 0 ? end : newline);
    if (line === '') return { headers, body: content.subarray(end) };
    const last = headers.at(-1);
    if (line.startsWith(' ') && last) {
      last.value += `\n${line.slice(1)}`;
      last.end = end;
    } else {
      const space = line.indexOf(' ');
      headers.push({ name: line.slice(0, space), value: line.slice(space + 1), start: at, end });
    }
    at = end;
  }
  return { headers, body: Buffer.alloc(0) };
}

function header(headers: readonly Header[], wanted: string): string {
  const found = headers.find(({ name }) => name === wanted);
  if (found === undefined) throw new GitError('invalid', `malformed object: no ${wanted}`);
  return found.value;
}

function parseSignature(text: string): GitSignature {
  const open = text.lastIndexOf('<');
  const close = text.lastIndexOf('>');
  const seconds = Number.parseInt(text.slice(close + 1).trim(), 10);
  return {
    name: text.slice(0, Math.max(open, 0)).trim(),
    email: open >= 0 && close > open ? text.slice(open + 1, close) : '',
    when: new Date((Number.isFinite(seconds) ? seconds : 0) * 1000),
  };
}

/** The first line, at most 50 characters and then `...` (SRC-EVT-04). */
export function shortMessage(message: string): string {
  const subject = [...(message.split('\n', 1)[0] ?? '')];
  return subject.length > 50 ? `${subject.slice(0, 50).join('')}...` : subject.join('');
}
