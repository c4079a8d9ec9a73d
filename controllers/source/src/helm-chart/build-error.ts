import { FluxError } from '@flux/errors';

/** Reasons of a failed build, with the words that begin its message (SRC-HCHART-30). */
const summaries = {
  InvalidChartReference: 'invalid chart reference',
  ChartPullError: 'chart pull error',
  MetadataPatchError: 'chart metadata patch error',
  ValuesFilesError: 'values files merge error',
  DependencyBuildError: 'dependency build error',
  ChartPackageError: 'chart package error',
  ChartVerificationError: 'chart verification error',
} as const;

export type BuildReason = keyof typeof summaries;

/** A chart cannot be found, fetched or packaged. */
export class BuildError extends FluxError {
  override readonly code = 'CHART_BUILD';
  readonly reason: BuildReason;

  constructor(reason: BuildReason, text: string, options: { cause?: unknown } = {}) {
    super(`${summaries[reason]}: ${text}`, options);
    this.reason = reason;
  }

  /** Only another spec or another revision of the source can help. */
  get isPersistent(): boolean {
    return (
      this.reason === 'InvalidChartReference' ||
      this.reason === 'MetadataPatchError' ||
      this.reason === 'ValuesFilesError'
    );
  }

  /** The condition that shows it. */
  get conditionType(): 'FetchFailed' | 'BuildFailed' {
    return this.reason === 'InvalidChartReference' || this.reason === 'ChartPullError' ? 'FetchFailed' : 'BuildFailed';
  }
}
