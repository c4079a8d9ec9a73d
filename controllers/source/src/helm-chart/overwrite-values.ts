import { messageOf } from '@flux/errors';
import { type Chart, type MergedValues, overwriteDefaultValues } from '@flux/helm';
import { BuildError } from './build-error.ts';

/** The chart with merged values as its own, and the files to tell of: none where they say what the chart says (SRC-HCHART-20). */
export function overwriteValues(chart: Chart, merged: MergedValues): { chart: Chart; files: string[] } {
  try {
    const changed = overwriteDefaultValues(chart, merged.values);
    return { chart: changed, files: changed === chart ? [] : merged.files };
  } catch (error) {
    throw new BuildError('ValuesFilesError', messageOf(error), { cause: error });
  }
}
