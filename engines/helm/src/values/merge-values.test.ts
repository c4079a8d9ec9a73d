import { GoInt } from '@flux/gotemplate';
import { expect, test } from 'vitest';
import { mergeValuesFiles } from './merge-values.ts';

const files: Readonly<Record<string, string>> = {
  'a.yaml': 'a: 1\nm: {x: 1}\n',
  'b.yaml': 'm: {y: 2}\n',
  text: 'content',
};

async function readFile(path: string): Promise<string> {
  const text = files[path];
  if (text === undefined) throw new Error(`open ${path}: no such file or directory`);
  return text;
}

test('options are applied in the order of helm, not of the command line', async () => {
  const values = await mergeValuesFiles(
    {
      setLiteral: ['last={x}'],
      setFile: ['file=text'],
      setString: ['m.x=3'],
      set: ['m.x=2'],
      setJson: ['m={"z":1}', '{"m": {"y": 5}}'],
      files: ['a.yaml', 'b.yaml'],
    },
    readFile,
  );

  expect(values).toEqual({ a: 1, m: { x: '3', y: 5, z: 1 }, file: 'content', last: '{x}' });
});

test('integers of --set are integers, those of files are floats', async () => {
  const values = await mergeValuesFiles({ files: ['a.yaml'], set: ['b=1'] }, readFile);

  expect(values).toEqual({ a: 1, m: { x: 1 }, b: new GoInt(1, 'int64') });
});

test.each([
  [{ files: ['none'] }, 'open none: no such file or directory'],
  [{ files: ['text'] }, 'failed to parse text: cannot unmarshal yaml document: error unmarshaling JSON'],
  [{ set: ['a'] }, 'failed parsing --set data: key "a" has no value'],
  [{ setString: ['a'] }, 'failed parsing --set-string data: key "a" has no value'],
  [{ setJson: ['a=x'] }, 'failed parsing --set-json data a=x'],
  [{ setJson: ['{x'] }, 'failed parsing --set-json data JSON: {x'],
  [{ setFile: ['a=none'] }, 'failed parsing --set-file data: open none: no such file or directory'],
  [{ setLiteral: ['a'] }, 'failed parsing --set-literal data: key "a" has no value'],
])('errors name the flag: %j', async (options, message) => {
  await expect(mergeValuesFiles(options, readFile)).rejects.toThrow(message);
});
