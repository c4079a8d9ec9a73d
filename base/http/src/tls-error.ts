interface TlsError extends Error {
  code: string;
  reason?: unknown;
  host?: unknown;
  cert?: unknown;
}

const authorityTexts: Readonly<Record<string, string>> = {
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'certificate signed by unknown authority',
  SELF_SIGNED_CERT_IN_CHAIN: 'certificate signed by unknown authority',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'certificate signed by unknown authority',
  UNABLE_TO_GET_ISSUER_CERT: 'certificate signed by unknown authority',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'certificate signed by unknown authority',
  CERT_HAS_EXPIRED: 'certificate has expired or is not yet valid',
  CERT_NOT_YET_VALID: 'certificate has expired or is not yet valid',
};

/** Go's words for alerts that OpenSSL names in another way. */
const alertTexts: Readonly<Record<string, string>> = {
  'unknown ca': 'unknown certificate authority',
  'certificate unknown': 'unknown certificate',
  'protocol version': 'protocol version not supported',
};

/** A failed TLS handshake in the words of Go, which tools match on (SRC-HCHART-12); undefined if it is something else. */
export function describeTlsError(error: TlsError): string | undefined {
  const authority = authorityTexts[error.code];
  if (authority !== undefined) return `tls: failed to verify certificate: x509: ${authority}`;
  if (error.code === 'ERR_TLS_CERT_ALTNAME_INVALID')
    return `tls: failed to verify certificate: ${describeNames(error)}`;
  const reason = typeof error.reason === 'string' ? error.reason : '';
  const alert = /\balert (.+)$/.exec(reason)?.[1];
  if (alert !== undefined) return `remote error: tls: ${alertTexts[alert] ?? alert}`;
  const speaksHttp = error.code === 'ERR_SSL_WRONG_VERSION_NUMBER' || error.code === 'ERR_SSL_PACKET_LENGTH_TOO_LONG';
  return speaksHttp ? 'http: server gave HTTP response to HTTPS client' : undefined;
}

function describeNames({ host, cert }: TlsError): string {
  const wanted = typeof host === 'string' ? host : '';
  const listed: unknown = typeof cert === 'object' && cert !== null ? Reflect.get(cert, 'subjectaltname') : undefined;
  const names = typeof listed === 'string' ? listed.split(', ') : [];
  const isAddress = /^[\d.]+$|:/.test(wanted);
  const prefix = isAddress ? 'IP Address:' : 'DNS:';
  const offered = names.filter((name) => name.startsWith(prefix)).map((name) => name.slice(prefix.length));
  if (offered.length > 0) return `x509: certificate is valid for ${offered.join(', ')}, not ${wanted}`;
  return isAddress
    ? `x509: cannot validate certificate for ${wanted} because it doesn't contain any IP SANs`
    : `x509: certificate is not valid for any names, but wanted to match ${wanted}`;
}
