import { isJsonObject } from '@flux/apimachinery';
import { digestsEqual, sha256Hex } from '@flux/crypto';
import { FluxError } from '@flux/errors';
import { formatYaml, parseYaml, YamlError } from '@flux/yaml';
import type { ChartMetadata } from '../chart/chart.ts';

/** A chart's provenance is missing something, or is not of this chart or of a known signer. */
export class ProvenanceError extends FluxError {
  override readonly code = 'HELM_PROVENANCE';
}

/** Who signed a text, as the verifier of signatures found out. */
export interface Signer {
  /** `Name (comment) <address>` */
  identity: string;
  /** Of the primary key, in upper-case hexadecimal. */
  fingerprint: string;
}

/** What provenance needs of OpenPGP. */
export interface ClearSigner {
  /** The signed text, of a clear-signed message with one good signature by a known key; throws otherwise. */
  verify(message: string): Promise<{ text: string; signer: Signer }>;
  sign(text: string): Promise<string>;
}

export interface ChartArchive {
  /** `name-version.tgz` */
  fileName: string;
  data: Uint8Array;
}

export interface Verification {
  signer: Signer;
  fileName: string;
  /** `sha256:…` */
  fileHash: string;
}

/** The text of a `.prov` file of a packaged chart: Chart.yaml and the digest, clear-signed as Helm does it. */
export function signChart(archive: ChartArchive, metadata: ChartMetadata, signer: ClearSigner): Promise<string> {
  const files = { [archive.fileName]: `sha256:${sha256Hex(archive.data)}` };
  // `...` in place of `---`, which a clear-signed text cannot hold.
  return signer.sign(`${formatYaml(metadata)}\n...\n${formatYaml({ files })}`);
}

/** Checks the signature of a `.prov` file, and that the packaged chart is the one that was signed. */
export async function verifyChart(
  archive: ChartArchive,
  provenance: string,
  signer: ClearSigner,
): Promise<Verification> {
  const { text, signer: by } = await signer.verify(provenance);
  const { fileName, data } = archive;
  const expected = readFiles(text)[fileName];
  if (expected === undefined) {
    throw new ProvenanceError(`provenance does not contain a SHA for a file named "${fileName}"`);
  }
  const fileHash = `sha256:${sha256Hex(data)}`;
  if (!digestsEqual(expected, fileHash)) {
    throw new ProvenanceError(`sha256 sum does not match for ${fileName}: "${expected}" != "${fileHash}"`);
  }
  return { signer: by, fileName, fileHash };
}

/** Digests by the names of files. */
function readFiles(text: string): Partial<Record<string, string>> {
  const [, sums] = text.replaceAll('\r\n', '\n').split('\n...\n');
  if (sums === undefined) throw new ProvenanceError('message block must have at least two parts');
  try {
    const parsed = parseYaml(sums);
    const files = isJsonObject(parsed) && Object.hasOwn(parsed, 'files') ? parsed['files'] : {};
    const entries = isJsonObject(files) ? Object.entries(files) : [];
    return Object.fromEntries(entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
  } catch (error) {
    if (error instanceof YamlError) throw new ProvenanceError(`provenance: ${error.message}`, { cause: error });
    throw error;
  }
}
