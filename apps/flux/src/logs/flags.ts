import { boolFlag, durationFlag, enumFlag, type FlagValues, intFlag, stringFlag } from '../command/flag.ts';

/** Flags of `flux logs`. */
export const logFlags = {
  'all-namespaces': boolFlag('displays logs for objects across all namespaces', { short: 'A' }),
  'flux-namespace': stringFlag('the namespace where the Flux components are running', { default: 'flux-system' }),
  follow: boolFlag('specifies if the logs should be streamed', { short: 'f' }),
  kind: stringFlag('displays errors of a particular toolkit kind e.g GitRepository'),
  level: enumFlag('log level, available options are: (debug, info, error)', ['debug', 'info', 'error'], {
    refuse: (text) => `unsupported log level '${text}', must be one of: debug, info, error`,
  }),
  name: stringFlag('specifies the name of the object logs to be displayed'),
  since: durationFlag(
    'Only return logs newer than a relative duration like 5s, 2m, or 3h. Defaults to all logs. Only one of since-time / since may be used.',
  ),
  'since-time': stringFlag(
    'Only return logs after a specific date (RFC3339). Defaults to all logs. Only one of since-time / since may be used.',
  ),
  tail: intFlag('lines of recent log file to display', { default: -1 }),
};

export type LogFlags = FlagValues<typeof logFlags>;
