/** What `fail` and `required` say; Helm reports it without the trace. */
export class HelmMessage extends Error {
  /** The text of the template's author. */
  readonly text: string;

  constructor(text: string) {
    // Helm's own marks, so that the text survives in longer messages.
    super(`HELM_ERR_START${text}HELM_ERR_END`);
    this.text = text;
  }
}
