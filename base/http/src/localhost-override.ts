type Environment = Readonly<Record<string, string | undefined>>;

/** Host and port of the controllers of sources, where they are reached by another name (KUS-SRC-08). */
export function localhostOverride(url: string, environment: Environment): string | undefined {
  if (url.includes('//source-watcher')) return environment['SOURCE_WATCHER_LOCALHOST'];
  return environment['SOURCE_CONTROLLER_LOCALHOST'];
}

/** The address at another host and port. */
export function overrideHost(url: string, host: string | undefined): string {
  if (!host) return url;
  // Only the authority is replaced as text: file names with `+` or `:` must not be encoded anew (SRC trap 12).
  return url.replace(/^([a-z]+:\/\/)[^/]*/i, (_, scheme: string) => scheme + host);
}
