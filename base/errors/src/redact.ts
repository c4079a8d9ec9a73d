const urlPassword = /\b([a-z][a-z0-9+.-]*:\/\/)([^/\s:@]*):([^/\s@]+)@/gi;
const bearer = /\b(Bearer|Basic)\s+[A-Za-z0-9._~+/=-]{8,}/g;
const querySecret = /([?&](?:sig|signature|token|access_token|password|X-Amz-Signature|X-Amz-Credential)=)[^&\s"']+/gi;

/** Masks credentials that text may carry: URL passwords, Authorization values, signed-URL parameters. */
export function redact(text: string): string {
  if (!text.includes('://') && !text.includes('Bearer ') && !text.includes('Basic ')) return text;
  return text.replace(urlPassword, '$1$2:*****@').replace(bearer, '$1 *****').replace(querySecret, '$1*****');
}

/** The URL without user, password and query, for logs and events. */
export function redactUrl(url: string): string {
  try {
    const parsed = new URL(url);
    parsed.username = '';
    parsed.password = '';
    parsed.search = '';
    return parsed.toString();
  } catch {
    return redact(url);
  }
}
