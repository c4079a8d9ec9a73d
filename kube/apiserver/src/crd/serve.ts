import type { Api } from '../registry/api.ts';

export function startCustomResources(_api: Api): () => void {
  return () => undefined;
}
