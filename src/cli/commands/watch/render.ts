/** Nothing: each event was printed as it happened. */
export function render(): string {
  return '';
}

/** None: with `--json` each event was a document of its own. */
export function toDocument(): undefined {
  return undefined;
}
