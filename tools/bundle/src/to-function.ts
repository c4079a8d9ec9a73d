import { transform } from 'esbuild';

const importOfChunk = /\bimport\("\.\/([\w.-]+\.js)"\)/g;
/** Node's own modules that cost something to load and are often not used; those that are always loaded are left out. */
const heavyBuiltin =
  /\bvar (import_\w+)=require\("(?:node:)?(crypto|http|https|http2|net|tls|zlib|stream|stream\/promises|child_process|worker_threads|fs\/promises|os|readline|readline\/promises|sqlite|dns|dns\/promises|v8|module)"\);/g;

/** An ES module as a function in the form that `apps/flux/start.cjs` calls. */
export async function toFunction(text: string): Promise<string> {
  const { code } = await transform(text, {
    format: 'cjs',
    platform: 'node',
    target: 'node24',
    minifyWhitespace: true,
    legalComments: 'none',
  });
  const body = code
    .replace(importOfChunk, '__importLater("$1")')
    .replace(heavyBuiltin, 'var $1=__lazyBuiltin("node:$2");')
    .replace('module.exports=__toCommonJS(stdin_exports);', 'module.exports=stdin_exports;');
  return `(function (exports, require, module, __importLater, __lazyBuiltin, __requireLate) {${body}\n})`;
}
