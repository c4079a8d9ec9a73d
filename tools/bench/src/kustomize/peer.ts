import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** The real kustomize, where `npm run kubernetes -- build` or a developer has put it. */
const path = join(homedir(), '.cache', 'flux-ts', 'bin', 'kustomize-v5.8.2');

export function findKustomize(): string | undefined {
  return existsSync(path) ? path : undefined;
}
