/** Nothing: stdout is the protocol's. */
export function render(): string {
  return '';
}

/** None, for the same reason. */
export function toDocument(): undefined {
  return undefined;
}
