import { list, map, obj, required, str } from '../schema/schema.ts';

/** Published and never enforced, as in Flux. */
export const accessFrom = obj('Namespaces that may refer to this object; never enforced.', {
  namespaceSelectors: required(
    list(
      'Selectors of namespaces; one has to match.',
      obj('Labels of a namespace.', { matchLabels: map('Labels that all have to match.', str('Value.')) }),
    ),
  ),
});
