import { boolFlag, durationFlag, listFlag } from '../command/flag.ts';

/** Flags of every `create` command. */
export const createFlags = {
  export: boolFlag('export in YAML format to stdout'),
  interval: durationFlag('source sync interval', { default: '1m0s' }),
  label: listFlag('set labels on the resource (can specify multiple labels with commas: label1=value1,label2=value2)'),
};

export const createSourceFlags = {
  ...createFlags,
  'fetch-timeout': durationFlag(
    "set a timeout for fetch operations performed by source-controller (e.g. 'git clone' or 'helm repo update')",
  ),
};
