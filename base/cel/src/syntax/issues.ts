interface Issue {
  /** Unset: of the expression as a whole. */
  readonly at: number | undefined;
  readonly message: string;
}

const mostShown = 100;
const longestLine = 16_384;

/** What is wrong with an expression, laid out as cel-go does: place, message, the line and a caret below the place. */
export class Issues {
  readonly #expression: string;
  readonly #issues: Issue[] = [];
  #count = 0;

  constructor(expression: string) {
    this.#expression = expression;
  }

  get isEmpty(): boolean {
    return this.#count === 0;
  }

  report(at: number | undefined, message: string): void {
    this.#count += 1;
    if (this.#count <= mostShown) this.#issues.push({ at, message });
  }

  toString(): string {
    const sorted = this.#issues.toSorted((a, b) => (a.at ?? -1) - (b.at ?? -1));
    const texts = sorted.map((issue) => this.#show(issue));
    if (this.#count > mostShown) texts.push(`${this.#count - mostShown} more errors were truncated`);
    return texts.join('\n');
  }

  #show({ at, message }: Issue): string {
    if (at === undefined) return `ERROR: <input>:-1:0: ${message}`;
    const before = this.#expression.slice(0, at).split('\n');
    const column = [...before.at(-1)!].length;
    const text = (this.#expression.split('\n')[before.length - 1] ?? '').replaceAll('\t', ' ');
    const head = `ERROR: <input>:${before.length}:${column + 1}: ${message}`;
    if (Buffer.byteLength(text) > longestLine) return head;
    const marks = [...text].slice(0, column).map((character) => (isWide(character) ? '．' : '.'));
    const caret = isWide([...text][column] ?? '') ? '＾' : '^';
    return `${head}\n | ${text}\n | ${marks.join('')}${caret}`;
  }
}

function isWide(character: string): boolean {
  return character > '\u007f';
}
