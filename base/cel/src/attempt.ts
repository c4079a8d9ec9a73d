/** Whether something can be done, for functions such as `isIP` that ask only that of a parser. */
export function succeeds(run: () => unknown): boolean {
  try {
    run();
    return true;
  } catch {
    return false;
  }
}
