import { expect, test } from 'vitest';
import { type PostRenderStrategy, postRender } from './post-render.ts';

const hook = 'kind: Job\nmetadata:\n  annotations:\n    helm.sh/hook: pre-install\n  name: h\n';
const config = 'kind: ConfigMap\nmetadata:\n  name: c\n';

async function run(texts: Record<string, string>, render: (text: string) => string, strategy?: PostRenderStrategy) {
  const calls: string[] = [];
  const options = {
    render: (text: string) => {
      calls.push(text);
      return render(text);
    },
    ...(strategy && { strategy }),
  };
  const files = await postRender(new Map(Object.entries(texts)), options);
  return { files: Object.fromEntries(files), calls };
}

const same = (text: string) => text;

test('the renderer gets all documents with the file of each, which is taken away again (HELM-POST-03)', async () => {
  const { files, calls } = await run(
    { 'c/b.yaml': `${config}---\n${hook}`, 'c/a.yaml': config, 'c/_p.yaml': 'x' },
    same,
  );

  expect(calls).toHaveLength(1);
  expect(calls[0]?.match(/postrender-filename: .*/g)).toEqual([
    'postrender-filename: c/a.yaml',
    'postrender-filename: c/b.yaml',
    'postrender-filename: c/b.yaml',
  ]);
  expect(files).toEqual({ 'c/a.yaml': config, 'c/b.yaml': `${config}---\n${hook}` });
});

test('hooks go apart, or not at all (HELM-POST-03)', async () => {
  const texts = { 'c/a.yaml': config, 'c/h.yaml': hook };
  const rename = (text: string) => text.replaceAll(/name: ([ch])$/gm, 'name: new-$1');

  const separate = await run(texts, rename, 'separate');
  const nohooks = await run(texts, rename, 'nohooks');

  expect(separate.calls.map((call) => call.match(/^kind: .*/gm))).toEqual([['kind: Job'], ['kind: ConfigMap']]);
  expect(separate.files['c/h.yaml']).toContain('new-h');
  expect(nohooks.calls.map((call) => call.match(/^kind: .*/gm))).toEqual([['kind: ConfigMap']]);
  expect(nohooks.files).toEqual({ 'c/h.yaml': hook, 'c/a.yaml': config.replace('name: c', 'name: new-c') });
});

test('a document that the renderer made gets a file of its own (HELM-POST-03)', async () => {
  const { files } = await run({ 'c/a.yaml': config }, (text) => `${text}---\nkind: New\n`);

  expect(files).toEqual({ 'c/a.yaml': config, 'generated-by-postrender-1.yaml': 'kind: New\n' });
});

test('long lines of what comes back are not folded', async () => {
  const text = `data:\n  a: ${'word '.repeat(40).trim()}\n${config}`;

  expect((await run({ 'c/a.yaml': text }, same)).files['c/a.yaml']).toBe(text);
});

test('a list is sent as its items', async () => {
  const list = 'kind: List\nitems:\n- metadata: {name: a}\n- metadata: {name: b}\n';

  expect((await run({ 'c/a.yaml': list }, same)).files['c/a.yaml']).toBe(
    'metadata:\n  name: a\n---\nmetadata:\n  name: b\n',
  );
});

test("broken YAML and a failing renderer are told in Helm's words (HELM-MAN-05)", async () => {
  const fail = () => {
    throw new Error('may not add resource');
  };

  await expect(run({ 'c/a.yaml': 'a: b: c\n' }, same)).rejects.toThrow(
    'error merging manifests: parsing c/a.yaml: MalformedYAMLError: yaml: mapping values are not allowed in this context',
  );
  await expect(run({ 'c/a.yaml': config }, fail)).rejects.toThrow(
    'error while running post render on files: may not add resource',
  );
  await expect(run({ 'c/a.yaml': config }, fail, 'separate')).rejects.toThrow(
    'error while running post render on manifests: may not add resource',
  );
  await expect(run({ 'c/a.yaml': 'a: b: c\n' }, same, 'nohooks')).rejects.toThrow('YAML parse error on c/a.yaml');
});
