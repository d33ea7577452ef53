import type { DashboardResult, Shown } from './result.ts';

/** The document of `--json`; undefined if a page was shown. */
export function toDocument(result: DashboardResult | Shown): object | undefined {
  return 'presentation' in result ? undefined : result;
}

/** Nothing: where the page is was said when it was there. */
export function render(): string {
  return '';
}
