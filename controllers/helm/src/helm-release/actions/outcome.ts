/** How an action ended. An error that is returned ends the pass and is tried again with back-off (HELM-ACT-07). */
export interface ActionOutcome {
  error?: unknown;
  /** A newer request ended the wait (HELM-ACT-10). */
  isCanceled?: boolean;
}
