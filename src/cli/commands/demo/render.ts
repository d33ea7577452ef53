/** Nothing: everything was told while it happened. */
export function render(): string {
  return '';
}
