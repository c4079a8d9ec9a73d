import { boolFlag, type FlagValues, stringFlag } from '../command/flag.ts';

/** Flags of every `get` command. */
export const getFlags = {
  'all-namespaces': boolFlag('list the requested object(s) across all namespaces', { short: 'A' }),
  'label-selector': stringFlag('filter objects by label selector', { short: 'l' }),
  'no-header': boolFlag('skip the header when printing the results'),
  'status-selector': stringFlag(
    'specify the status condition name and the desired state to filter the get result, e.g. ready=false or ready!=true',
  ),
  watch: boolFlag('After listing/getting the requested object, watch for changes.', { short: 'w' }),
};

export type GetFlags = FlagValues<typeof getFlags>;
