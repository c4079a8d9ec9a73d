import { createPrivateKey, X509Certificate } from 'node:crypto';
import { currentText, type TextSource } from './changing-file.ts';
import type { Credentials, Identity } from './connection.ts';

type Text = string | TextSource;
type Certificate = NonNullable<Identity['certificate']>;

interface CredentialTexts {
  /** Without `Bearer `. */
  token?: Text;
  certificate?: { cert: Text; key: Text };
  /** What else proves who asks. */
  base?: Identity;
}

/** Credentials from files that may be replaced while the process runs. */
export function fileCredentials({ token, certificate, base = {} }: CredentialTexts): Credentials {
  let pair: Certificate | undefined;
  return {
    async get() {
      if (certificate) pair = await readPair(certificate, pair);
      return {
        ...base,
        ...(pair ? { certificate: pair } : {}),
        ...(token === undefined ? {} : { authorization: `Bearer ${(await currentText(token)).trim()}` }),
      };
    },
    async refresh() {
      const sources = [token, certificate?.cert, certificate?.key];
      const changes = await Promise.all(sources.map((text) => (typeof text === 'object' ? text.refresh() : false)));
      return changes.includes(true);
    },
  };
}

/** Two files are never replaced at once: a certificate whose key is not there yet is not taken. */
async function readPair({ cert, key }: { cert: Text; key: Text }, known?: Certificate): Promise<Certificate> {
  const next = { cert: await currentText(cert), key: await currentText(key) };
  if (!known) return next;
  return (known.cert === next.cert && known.key === next.key) || !isPair(next) ? known : next;
}

function isPair({ cert, key }: Certificate): boolean {
  try {
    return new X509Certificate(cert).checkPrivateKey(createPrivateKey(key));
  } catch {
    return false;
  }
}
