import { type Filters, NO_FILTERS } from './filters.ts';

export const VIEWS = ['board', 'charts', 'agents', 'graph', 'events'] as const;
export type View = (typeof VIEWS)[number];

/** What a link to the page says: it shows the same to whoever opens it. */
export interface Place {
  readonly view: View;
  readonly filters: Filters;
  /** `project/TASK-ID` of the task that is opened. */
  readonly opened: string | null;
  /** Whether the board has a column of cancelled tasks. */
  readonly cancelled: boolean;
}

/** The fragment of the URL for a place: `#/board?project=shop&task=shop%2FT-1`. */
export function toHash({ view, filters, opened, cancelled }: Place): string {
  const parameters = new URLSearchParams();
  for (const name of ['project', 'agent', 'label'] as const) {
    const value = filters[name];
    if (value !== null) parameters.set(name, value);
  }
  if (filters.search !== '') parameters.set('search', filters.search);
  if (cancelled) parameters.set('cancelled', '1');
  if (opened !== null) parameters.set('task', opened);
  const query = parameters.toString();
  return `#/${view}${query === '' ? '' : `?${query}`}`;
}

/** The place of a fragment. What is missing or unknown is as at the start. */
export function fromHash(hash: string): Place {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split(/\?(.*)/s);
  const parameters = new URLSearchParams(query);
  return {
    view: VIEWS.find((view) => view === path) ?? 'board',
    filters: {
      ...NO_FILTERS,
      project: parameters.get('project'),
      agent: parameters.get('agent'),
      label: parameters.get('label'),
      search: parameters.get('search') ?? '',
    },
    cancelled: parameters.get('cancelled') === '1',
    opened: parameters.get('task'),
  };
}
