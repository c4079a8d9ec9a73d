/** What a registry asks for in `WWW-Authenticate`. */
export interface Challenge {
  scheme: 'basic' | 'bearer';
  realm: string;
  service: string;
  scope: string;
}

const part = /[\s,]*([!#$%&'*+.^_`|~0-9A-Za-z-]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+)))?/y;

/** Reads the challenges of the header, of which there may be several, and takes Bearer before Basic. */
export function parseChallenge(header: string): Challenge | undefined {
  const challenges: { scheme: string; parameters: Map<string, string> }[] = [];
  part.lastIndex = 0;
  for (let match = part.exec(header); match !== null; match = part.exec(header)) {
    const [, name = '', quoted, bare] = match;
    const value = quoted === undefined ? bare : quoted.replace(/\\(.)/g, '$1');
    if (value === undefined) challenges.push({ scheme: name.toLowerCase(), parameters: new Map() });
    else challenges.at(-1)?.parameters.set(name.toLowerCase(), value);
  }
  for (const scheme of ['bearer', 'basic'] as const) {
    const found = challenges.find((challenge) => challenge.scheme === scheme);
    if (!found) continue;
    const read = (name: string) => found.parameters.get(name) ?? '';
    return { scheme, realm: read('realm'), service: read('service'), scope: read('scope') };
  }
  return undefined;
}
