import { boolFlag, type FlagValues, listFlag, repeatedFlag, stringFlag } from '../command/flag.ts';

/** Flags of `flux build chart`, called as those of `helm template`. */
export const chartFlags = {
  'api-versions': listFlag('API versions that .Capabilities.APIVersions holds besides the built-in ones', {
    short: 'a',
  }),
  'dependency-update': boolFlag('not available: dependencies have to be in the charts folder', { hidden: true }),
  'include-crds': boolFlag('print the files of the crds folder first'),
  'is-upgrade': boolFlag('set .Release.IsUpgrade instead of .Release.IsInstall'),
  'kube-version': stringFlag('version of Kubernetes that .Capabilities.KubeVersion is'),
  name: stringFlag('name of the release', { default: 'release-name' }),
  'name-template': stringFlag('template that gives the name of the release'),
  namespace: stringFlag('namespace of the release', { short: 'n', default: 'default' }),
  'no-hooks': boolFlag('leave hooks out'),
  set: repeatedFlag('set values, such as key1=val1,key2=val2'),
  'set-file': repeatedFlag('set values from files, such as key1=path1,key2=path2'),
  'set-json': repeatedFlag('set JSON values, such as key1=jsonval1 or a whole object'),
  'set-literal': repeatedFlag('set a literal string, such as key=value'),
  'set-string': repeatedFlag('set strings, such as key1=val1,key2=val2'),
  'show-only': repeatedFlag('print only what comes from these templates', { short: 's' }),
  'skip-schema-validation': boolFlag('do not check values against the schema of the chart'),
  'skip-tests': boolFlag('leave test hooks out'),
  values: listFlag("files of values, '-' for the input", { short: 'f' }),
};

export type ChartFlags = FlagValues<typeof chartFlags>;
