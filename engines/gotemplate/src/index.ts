/**
 * Go's text/template: the same language, kinds, printing and error texts. Start with `parseTemplates`; `values.ts` says how
 * Go's values look in TypeScript.
 */
export { byteLength, bytesOf, textOf } from './byte-text.ts';
export { escapeHtml, escapeQuery } from './escape.ts';
export { exactDecimal } from './float-text.ts';
export { parseFloatText, parseInteger } from './number.ts';
export { printValue, sprint } from './print.ts';
export { sprintf } from './printf.ts';
export { quote } from './quote.ts';
export { isStackOverflow, TemplateError } from './template-error.ts';
export {
  type ExecuteOptions,
  type Limits,
  type ParsedFile,
  parseTemplates,
  TemplateSet,
  type TemplateSetOptions,
} from './template-set.ts';
export {
  fn,
  type GoFunction,
  GoInt,
  type GoMap,
  GoStruct,
  holdsInterfaces,
  isGoMap,
  isNilValue,
  isTrue,
  type Kind,
  kindOf,
  mapElement,
  nilList,
  sameType,
  setKey,
  sortedKeys,
  stringList,
  typeNameOf,
  withGoType,
} from './values.ts';
export { Walk } from './walk.ts';
