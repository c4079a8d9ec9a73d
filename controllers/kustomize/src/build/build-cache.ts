import type { KubeObject } from '@flux/apimachinery';
import { formatJson } from '@flux/client';
import type { BuildCache } from '../kustomization/deps.ts';

interface Entry {
  objects: readonly KubeObject[];
  bytes: number;
}

/** The builds used last, up to a number of bytes of JSON. */
export function createBuildCache(maxBytes: number): BuildCache {
  const entries = new Map<string, Entry>();
  let total = 0;
  const remove = (key: string) => {
    total -= entries.get(key)?.bytes ?? 0;
    entries.delete(key);
  };
  return {
    get(key) {
      const entry = entries.get(key);
      if (!entry) return undefined;
      entries.delete(key);
      entries.set(key, entry); // now the newest
      return entry.objects;
    },
    set(key, objects) {
      remove(key);
      const bytes = formatJson(objects).length;
      if (bytes > maxBytes) return;
      entries.set(key, { objects, bytes });
      total += bytes;
      for (const oldest of entries.keys()) {
        if (total <= maxBytes) break;
        remove(oldest);
      }
    },
  };
}
