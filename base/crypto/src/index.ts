/**
 * Digests as artifacts carry them (`sha256:…`), and the certificates that the embedded API server and test servers need.
 * Start with `digest.ts` and `certificates.ts`.
 */
export {
  type AuthorityOptions,
  type CertificateOptions,
  type CertifiedKey,
  createAuthority,
  issueCertificate,
} from './certificates.ts';
export {
  createDigest,
  type DigestAlgorithm,
  DigestError,
  type DigestStream,
  digest,
  digestAlgorithms,
  digestsEqual,
  parseDigest,
  sha256Hex,
} from './digest.ts';
