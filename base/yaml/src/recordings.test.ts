import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { messageOf } from '@flux/errors';
import { expect, test } from 'vitest';
import { formatJson, formatYaml, parseYaml } from './index.ts';

interface Recording {
  id: string;
  template: string;
  values?: string;
  files?: Record<string, string>;
  output?: string;
  error?: string;
}

/** What Helm's toYaml, toJson and fromYaml gave: sigs.k8s.io/yaml as its users see it. */
const folder = resolve(import.meta.dirname, '../../../tools/conformance/cases/gotemplate');

/** Helm's toYaml is empty where it fails. */
const toYaml = (value: unknown) => {
  try {
    return formatYaml(value).replace(/\n$/, '');
  } catch {
    return '';
  }
};
const toJson = (value: unknown) => formatJson(value, { sortKeys: true, escapeHtml: true });

interface Group {
  /** Where the recorded template starts; others of the group test Helm, not YAML. */
  template: string;
  render: (recording: Recording) => string;
}

/** The parts of each template joined by `|`; what comes behind (Go's own printing) is not ours to check. */
const groups: Record<string, Group> = {
  'yaml-quote': {
    template: '{{ toYaml .Values.s }}',
    render: ({ values = '' }) => {
      const s = member(parseYaml(values), 's');
      return [s, { k: s }, [s], { k: [{ j: s }] }].map(toYaml).join('|');
    },
  },
  'yaml-quote-key': {
    template: '{{ toYaml (dict .Values.s 1) }}',
    render: ({ values = '' }) => {
      const s = String(member(parseYaml(values), 's'));
      return [{ [s]: 1 }, { [s]: { x: s } }].map(toYaml).join('|');
    },
  },
  'yaml-keyorder': {
    template: '{{ toYaml .Values.k }}',
    render: ({ values = '' }) => {
      const k = member(parseYaml(values), 'k');
      return [toYaml(k), toYaml(k), toJson(k)].join('|');
    },
  },
  'yaml-parse': {
    template: '{{ toJson .Values }}|{{ toYaml .Values }}',
    render: ({ values = '' }) => {
      const all = asFloats(parseYaml(values) ?? {});
      return [toJson(all), toYaml(all)].join('|');
    },
  },
  'yaml-fromyaml': {
    template: '{{ .Files.Get "in.yaml" | fromYaml | toJson }}',
    render: ({ files = {} }) => {
      const value = asFloats(fromYaml(files['in.yaml'] ?? ''));
      return [toJson(value), toYaml(value)].join('|');
    },
  },
};

test.each(Object.keys(groups))('every recording of %s is reproduced', (name) => {
  const { template, render } = groups[name]!;
  const recordings = readFileSync(join(folder, `${name}.jsonl`), 'utf8')
    .trim()
    .split('\n')
    .map((line): Recording => JSON.parse(line))
    .filter((recording) => recording.template.startsWith(template) && !isAboutHelm(recording));
  const isReproduced = (recording: Recording) => {
    const text = attempt(() => render(recording));
    return recording.error === undefined ? recording.output?.startsWith(text) : recording.error.endsWith(text);
  };

  expect(recordings.length).toBeGreaterThan(5);
  expect(recordings.filter((recording) => !isReproduced(recording))).toEqual([]);
});

/** Helm merges all documents of its values, and insists on mappings. */
function isAboutHelm({ values = '', error = '' }: Recording): boolean {
  return values.includes('---') || error.includes('into Go value of type map');
}

function attempt(run: () => string): string {
  try {
    return run();
  } catch (error) {
    return messageOf(error);
  }
}

/** Helm's fromYaml turns a failure into a value, and takes only mappings. */
function fromYaml(text: string): unknown {
  try {
    const value = parseYaml(text) ?? {};
    if (typeof value === 'object' && !Array.isArray(value)) return value;
    const kind = Array.isArray(value) ? 'array' : typeof value;
    return {
      Error: `error unmarshaling JSON: while decoding JSON: json: cannot unmarshal ${kind} into Go value of type map[string]interface {}`,
    };
  } catch (error) {
    return { Error: `error converting YAML to JSON: ${messageOf(error)}` };
  }
}

/** Helm reads values through JSON without care for integers. */
function asFloats(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value);
  if (Array.isArray(value)) return value.map(asFloats);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, asFloats(item)]));
}

function member(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null
    ? Object.entries(value).find(([name]) => name === key)?.[1]
    : undefined;
}
