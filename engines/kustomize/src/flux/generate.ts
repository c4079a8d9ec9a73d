import type { WritableFileSystem } from '@flux/fs';
import { formatYaml } from '@flux/yaml';
import { unmarshal } from '../config/decode.ts';
import { type Kustomization, kustomizationShape, type Patch } from '../config/kustomization.ts';
import { kustomizationApi, kustomizationFileNames } from '../config/kustomization-file.ts';
import { BuildError } from '../errors.ts';
import { joinPath } from '../loader/repository.ts';
import { readConfig } from '../read-yaml.ts';
import { encodeKustomization } from './encode-kustomization.ts';
import type { FluxImage, FluxKustomizationSpec, FluxSelector } from './kustomization-spec.ts';
import { findKustomizationFile, type IgnorePath, scanManifests } from './scan-manifests.ts';

export interface GenerateOptions {
  /** Paths to leave out of a generated file and of the lists of an existing one (`flux build --ignore-paths`). */
  readonly ignores?: IgnorePath;
}

export interface Generated {
  /** `created` when the folder had no kustomization file. */
  readonly action: 'created' | 'unchanged';
  /** The path of the file that was written. */
  readonly file: string;
}

/** Finds or generates the kustomization file of a folder, lays the spec's fields over it and writes it (KUS-GEN-01..09). */
export function generateKustomization(
  fs: WritableFileSystem,
  path: string,
  spec: FluxKustomizationSpec,
  options: GenerateOptions = {},
): Generated {
  const existing = findKustomizationFile(fs, path);
  const action = existing === undefined ? 'created' : 'unchanged';
  const kustomization =
    existing === undefined ? newKustomization(fs, path, options) : readKustomization(fs.readText(existing));
  if (action === 'unchanged' && kustomization.resources.length === 0) {
    // Keeps kustomize from calling the file empty; the objects then carry their origin (KUS-GEN-04).
    kustomization.buildMetadata = ['originAnnotations'];
  }
  if (options.ignores !== undefined) dropIgnored(fs, path, kustomization, options.ignores);
  overlay(fs, path, kustomization, spec);
  const file = existing ?? joinPath(path, kustomizationFileNames[0] ?? '');
  fs.writeFile(file, formatYaml(encodeKustomization(kustomization)));
  return { action, file };
}

/** Unknown fields are tolerated and dropped, scalars read as texts (KUS-GEN-09). */
function readKustomization(text: string): Kustomization {
  const raw = readConfig(text);
  const decoded = unmarshal(kustomizationShape, raw);
  decoded.apiVersion ||= kustomizationApi;
  decoded.kind ||= 'Kustomization';
  return decoded;
}

function newKustomization(fs: WritableFileSystem, path: string, { ignores }: GenerateOptions): Kustomization {
  const kustomization = readKustomization('{}');
  kustomization.resources = scanManifests(fs, path, ignores);
  // The placeholder makes a folder without manifests build to nothing instead of failing.
  if (kustomization.resources.length === 0) kustomization.namespace = '_placeholder';
  return kustomization;
}

function dropIgnored(fs: WritableFileSystem, path: string, kustomization: Kustomization, ignores: IgnorePath): void {
  const keeps = (entry: string): boolean => {
    const full = joinPath(path, entry);
    return !ignores(joinPath(entry), fs.isDirectory(full));
  };
  const isUrl = (entry: string): boolean => /^[a-z][a-z0-9+.-]*:/i.test(entry);
  kustomization.resources = kustomization.resources.filter((entry) => isUrl(entry) || keeps(entry));
  kustomization.components = kustomization.components.filter((entry) => isUrl(entry) || keeps(entry));
  kustomization.crds = kustomization.crds.filter(keeps);
}

/** Applies the spec in the order of KUS-GEN-05. */
function overlay(
  fs: WritableFileSystem,
  path: string,
  kustomization: Kustomization,
  spec: FluxKustomizationSpec,
): void {
  kustomization.namespace = spec.targetNamespace ?? kustomization.namespace;
  kustomization.namePrefix = spec.namePrefix ?? kustomization.namePrefix;
  kustomization.nameSuffix = spec.nameSuffix ?? kustomization.nameSuffix;
  for (const { patch, target } of spec.patches ?? []) kustomization.patches.push(inlinePatch(patch, target));
  kustomization.components.push(...localComponents(fs, path, spec));
  for (const patch of spec.patchesStrategicMerge ?? []) {
    kustomization.patchesStrategicMerge = [...(kustomization.patchesStrategicMerge ?? []), JSON.stringify(patch)];
  }
  for (const { patch, target } of spec.patchesJson6902 ?? []) {
    const operations = inlinePatch(JSON.stringify(patch), target);
    kustomization.patchesJson6902 = [...(kustomization.patchesJson6902 ?? []), operations];
  }
  for (const image of spec.images ?? []) mergeImage(kustomization.images, image);
  if (spec.buildMetadata !== undefined && spec.buildMetadata.length > 0) {
    kustomization.buildMetadata = [...spec.buildMetadata];
  }
}

const emptySelector = {
  group: '',
  version: '',
  kind: '',
  name: '',
  namespace: '',
  labelSelector: '',
  annotationSelector: '',
};

function inlinePatch(patch: string, target: FluxSelector | undefined): Patch {
  return {
    patch,
    path: '',
    target: target === undefined ? undefined : { ...emptySelector, ...target },
    options: undefined,
  };
}

/** The spec's components: local paths, and with `ignoreMissingComponents` only those that exist (KUS-GEN-07). */
function localComponents(fs: WritableFileSystem, path: string, spec: FluxKustomizationSpec): string[] {
  const components = spec.components ?? [];
  for (const component of components) {
    if (!isLocalRelativePath(component)) {
      throw new BuildError(`component path '${component}' must be local and relative`);
    }
  }
  if (!(spec.ignoreMissingComponents ?? false)) return [...components];
  return components.filter((component) => {
    const full = joinPath(path, component);
    return fs.isFile(full) || fs.isDirectory(full);
  });
}

const remotePrefix = /^(git::|gh:|ssh:\/\/|https:\/\/|http:\/\/|git@|github\.com:|github\.com\/)./i;

/** Whether a component's path is neither a URL nor absolute. */
export function isLocalRelativePath(path: string): boolean {
  return !remotePrefix.test(path) && !path.startsWith('/') && !/^file:\/\/\//i.test(path);
}

/** The spec's image changes the first of the same name; its tag and digest replace both of the file's (KUS-GEN-06). */
function mergeImage(
  images: Kustomization['images'],
  { name, newName = '', newTag = '', digest = '' }: FluxImage,
): void {
  const known = images.find((image) => image.name === name);
  if (known === undefined) {
    images.push({ name, newName, newTag, digest, tagSuffix: '' });
    return;
  }
  if (newName !== '') known.newName = newName;
  if (newTag !== '' || digest !== '') {
    known.newTag = newTag;
    known.digest = digest;
  }
}
