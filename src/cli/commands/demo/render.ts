/** Nothing: everything was printed as it happened. */
export function render(): string {
  return '';
}
