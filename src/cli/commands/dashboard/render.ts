import type { DashboardResult, Shown } from './result.ts';

/** The document of `--json`; undefined if a page was shown. */
export function toDocument(result: DashboardResult | Shown): object | undefined {
  return 'presentation' in result ? undefined : result;
}

/** Nothing: the address of the page was printed when it was ready. */
export function render(): string {
  return '';
}
