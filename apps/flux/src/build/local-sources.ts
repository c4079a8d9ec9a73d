import { resolve } from 'node:path';
import type { Kustomization } from '@flux/api';
import { UsageError } from '../command/errors.ts';

/** Folders that stand in for sources, by `Kind/namespace/name`. */
export type LocalSources = ReadonlyMap<string, string>;

export function parseLocalSources(texts: readonly string[], cwd: string): LocalSources {
  return new Map(
    texts.map((text) => {
      const [, source = '', path = ''] = /^([^=]+)=(.+)$/.exec(text) ?? [];
      if (source.split('/').length !== 3 || path === '') {
        throw new UsageError(
          `invalid local source ${JSON.stringify(text)}, must be in format Kind/namespace/name=path`,
        );
      }
      return [source, resolve(cwd, path)];
    }),
  );
}

/** The folder that a nested Kustomization would be built from. */
export function folderOf({ spec, metadata }: Kustomization, sources: LocalSources): string {
  const { kind, namespace, name } = spec.sourceRef;
  const key = `${kind}/${namespace ?? metadata.namespace}/${name}`;
  const root = sources.get(key);
  if (root === undefined) {
    throw new UsageError(
      `cannot build Kustomization/${metadata.namespace}/${metadata.name}: its source ${key} is not among --local-sources`,
    );
  }
  return resolve(root, `./${spec.path ?? ''}`);
}
