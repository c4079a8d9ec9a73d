import { list, obj, required, str } from '../schema/schema.ts';

/** `status.inventory` of the kinds that apply objects. */
export const inventory = obj('The objects that were applied.', {
  entries: required(
    list(
      'References to the objects.',
      obj('An applied object.', {
        id: required(str('Identity as <namespace>_<name>_<group>_<kind>.')),
        v: required(str('API version of its kind.')),
      }),
    ),
  ),
});
