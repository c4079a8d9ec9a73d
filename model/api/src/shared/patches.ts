import type { JsonObject } from '@flux/apimachinery';
import { any, enumOf, list, obj, required, str } from '../schema/schema.ts';
import { objectSelector } from './references.ts';

export const patch = obj('A patch and the objects that it applies to.', {
  patch: required(str('A strategic merge patch, or a list of JSON 6902 operations, as YAML.')),
  target: objectSelector('Objects to patch.'),
});

const json6902Patch = obj('A list of JSON 6902 operations and their target.', {
  patch: required(
    list(
      'Operations in order.',
      obj('One operation.', {
        op: required(enumOf('What to do.', ['test', 'remove', 'add', 'replace', 'move', 'copy'])),
        path: required(str('JSON pointer to the target of the operation.')),
        from: str('JSON pointer to the source of move and copy.'),
        value: any('Value of test, add and replace.'),
      }),
    ),
  ),
  target: required(objectSelector('Objects to patch.')),
});

const image = obj('Another name, tag or digest for an image.', {
  name: required(str('Image name without tag.')),
  newName: str('Name to use instead.'),
  newTag: str('Tag to use instead.'),
  digest: str('Digest to use instead; newTag is ignored then.'),
});

export const patches = list('Patches to apply.', patch);
export const patchesStrategicMerge = list('Strategic merge patches as inline objects.', any<JsonObject>('A patch.'));
export const patchesJson6902 = list('JSON 6902 patches as inline lists.', json6902Patch);
export const images = list('Images to rename.', image);

export const ignoreRule = obj('Fields that drift detection and apply leave alone.', {
  paths: required(list('JSON pointers of the fields.', str('JSON pointer.'))),
  target: objectSelector('Objects that the rule is for; all when empty.'),
});
