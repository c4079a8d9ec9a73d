/** A result, or what stands for it when the work fails, which gets the message: many functions swallow errors. */
export function orElse<T>(work: () => T, fallback: (message: string) => T): T {
  try {
    return work();
  } catch (error) {
    return fallback(error instanceof Error ? error.message : String(error));
  }
}

export const noText = (): string => '';
