import { addHashSuffixes } from '../finish/hash-suffix.ts';
import { defineTransformer } from './transformer.ts';

/** Appends content hashes to the names of generated resources earlier than the end of the build. Only as a plugin. */
export const hashTransformer = defineTransformer({
  name: 'HashTransformer',
  fromPlugin: () => ({ transform: addHashSuffixes }),
});
