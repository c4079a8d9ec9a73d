import { fn, type GoMap, textOf as goText, setKey, sortedKeys, stringList, withGoType } from '@flux/gotemplate';
import { formatYaml } from '@flux/yaml';
import { compileGlob } from './glob.ts';

/** `.Files` of Helm: a map from path to bytes, with methods. */
export function helmFiles(files: Readonly<Record<string, Uint8Array>>): GoMap {
  const map: GoMap = {};
  for (const [path, bytes] of Object.entries(files)) setKey(map, path, bytes);
  const bytesOf = (path: string) => (Object.hasOwn(files, path) ? files[path] : undefined) ?? new Uint8Array();
  const textOf = (path: string) => goText(bytesOf(path));
  const asYaml = (encode: (path: string) => string) => {
    const contents: Record<string, string> = {};
    for (const path of sortedKeys(map)) setKey(contents, path.slice(path.lastIndexOf('/') + 1), encode(path));
    return formatYaml(contents).replace(/\n$/, '');
  };
  return withGoType(map, {
    name: 'engine.files',
    zero: new Uint8Array(),
    methods: {
      Get: fn('string', textOf),
      GetBytes: fn('string', bytesOf),
      Glob: fn('string', (pattern: string) => helmFiles(selectFiles(files, pattern))),
      Lines: fn('string', (path: string) => {
        const text = textOf(path);
        return stringList(text === '' ? [] : text.replace(/\n$/, '').split('\n'));
      }),
      AsConfig: fn('', () => asYaml(textOf)),
      AsSecrets: fn('', () => asYaml((path) => Buffer.from(bytesOf(path)).toString('base64'))),
    },
  });
}

function selectFiles(files: Readonly<Record<string, Uint8Array>>, pattern: string): Record<string, Uint8Array> {
  const matches = compileGlob(pattern) ?? (() => true);
  return Object.fromEntries(Object.entries(files).filter(([path]) => matches(path)));
}
