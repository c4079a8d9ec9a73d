import type { JsonObject, JsonValue } from '@flux/apimachinery';
import { FluxError } from '@flux/errors';
import { compileRegexp } from '@flux/regexp';
import { list, struct, unmarshal } from '../config/decode.ts';
import { type FieldSpec, requireScalar, selectedSpecs, visitPath } from '../config/field-spec.ts';
import { fieldSpecShape, type Image, imageShape } from '../config/kustomization.ts';
import { fieldOf, type Holder, isObject, type Key, readSlot, scalarText, writeSlot } from '../json.ts';
import { restyled } from '../plain-scalar.ts';
import type { ResourceSet } from '../resource-set.ts';
import { defineTransformer, type Transformer } from './transformer.ts';

/** `images`: name, tag and digest of container images, wherever containers are found. */
export const imageTransformer = defineTransformer({
  name: 'ImageTagTransformer',
  fromKustomization: ({ images }, config) => images.map((image) => imageSetter(image, config.images)),
  fromPlugin(raw) {
    const config = unmarshal(pluginShape, raw);
    return imageSetter(config.imageTag, config.fieldSpecs);
  },
});

const pluginShape = struct('builtins.ImageTagTransformerPlugin', {
  imageTag: imageShape,
  fieldSpecs: list(fieldSpecShape, '[]types.FieldSpec'),
});

function imageSetter(image: Image, specs: readonly FieldSpec[]): Transformer {
  const matches = imageMatcher(image.name);
  const set = (holder: Holder, key: Key): void => {
    const current = readSlot(holder, key);
    if (current === undefined) return;
    requireScalar(current);
    const text = scalarText(current);
    if (matches(text)) writeSlot(holder, key, restyled(current, changeImage(text, image)));
  };
  return {
    transform(resources: ResourceSet) {
      for (const resource of resources.resources) {
        if (resource.kind === 'CustomResourceDefinition') continue;
        // Two passes, as in kustomize: containers at any depth, then the configured fields.
        visitContainers(resource.object, set);
        for (const spec of selectedSpecs(specs, resource.id)) visitPath(resource, spec, set);
      }
    },
  };
}

function visitContainers(value: JsonValue, set: (holder: Holder, key: Key) => void): void {
  if (Array.isArray(value)) {
    for (const item of value) if (typeof item === 'object' && item !== null) visitContainers(item, set);
    return;
  }
  if (!isObject(value)) return;
  for (const key in value) {
    if (!Object.hasOwn(value, key)) continue;
    const child = value[key];
    if (typeof child !== 'object' || child === null) continue;
    visitContainers(child, set);
    if (key === 'containers' || key === 'initContainers') setContainerImages(child, set);
  }
}

function setContainerImages(value: JsonValue, set: (holder: Holder, key: Key) => void): void {
  if (!Array.isArray(value)) return;
  for (const container of value) if (hasImage(container)) set(container, 'image');
}

function hasImage(value: JsonValue): value is JsonObject {
  return isObject(value) && fieldOf(value, 'image') !== undefined;
}

const simpleName = /^[A-Za-z0-9_/:@.-]*$/;
const rest = '(:[a-zA-Z0-9_.{}-]*)?(@[a-zA-Z0-9]+([.+_-][a-zA-Z0-9]+)*:[a-zA-Z0-9_.{}-]*)?';

/** Names are regular expressions to kustomize; the usual ones, with nothing special but dots, need no engine of their own. */
function imageMatcher(name: string): (image: string) => boolean {
  if (simpleName.test(name)) {
    const simple = new RegExp(`^${name.replaceAll('.', '[^\\n]')}${rest}$`, 'u');
    return (image) => simple.test(image);
  }
  try {
    const pattern = compileRegexp(`^${name}${rest}$`);
    return (image) => pattern.test(image);
  } catch (error) {
    if (!(error instanceof FluxError)) throw error;
    return () => false; // an invalid expression matches nothing
  }
}

function changeImage(text: string, image: Image): string {
  const { name, tag, digest } = splitImage(text);
  const [newTag, newDigest] = changeVersion(tag, digest, image);
  let result = image.newName !== '' ? image.newName : name;
  if (newTag !== '') result += `:${newTag}`;
  if (newDigest !== '') result += `@${newDigest}`;
  return result;
}

function changeVersion(tag: string, digest: string, image: Image): [tag: string, digest: string] {
  if (image.newTag !== '' || image.digest !== '') return [image.newTag, image.digest];
  return image.tagSuffix !== '' ? [tag + image.tagSuffix, ''] : [tag, digest];
}

/** Splits `host:port/name:tag@digest`; a colon before the first slash belongs to the host. */
export function splitImage(image: string): { name: string; tag: string; digest: string } {
  const slash = Math.max(image.indexOf('/'), 0);
  const at = image.indexOf('@', slash);
  const colon = image.indexOf(':', slash);
  if (at < 0 && colon < 0) return { name: image, tag: '', digest: '' };
  if (at >= 0 && (colon < 0 || at < colon)) return { name: image.slice(0, at), tag: '', digest: image.slice(at + 1) };
  const end = at < 0 ? image.length : at;
  return { name: image.slice(0, colon), tag: image.slice(colon + 1, end), digest: at < 0 ? '' : image.slice(at + 1) };
}
