import { useEffect } from 'preact/hooks';
import { shortTime } from '../format/times.ts';
import { Icon } from '../parts/icon.tsx';
import { Ago } from '../parts/time.tsx';
import { board, filters, isLoaded, setFilters, shownTasks, showsCancelled, view } from '../state/board-state.ts';
import { changedAt, config, connection, notice } from '../state/connection.ts';
import { toHash, VIEWS, type View } from '../state/hash.ts';
import { showsHelp } from '../state/overlays.ts';
import { nextTheme, theme } from '../state/theme.ts';
import { attention } from './attention-state.ts';

const VIEW_WORDS: Readonly<Record<View, string>> = {
  board: 'Board',
  charts: 'Charts',
  agents: 'Agents',
  graph: 'Graph',
  events: 'Events',
};

/** What stays on top: what is looked at, the views, the search, and whether it is live. */
export function Header() {
  useTitle();
  return (
    <header class="header">
      <div class="brand">
        <span class="logo">
          <Icon name="logo" size={18} />
        </span>
        <h1>{config.value.name || 'agentq'}</h1>
        {isLoaded.value && <Place />}
      </div>
      <nav class="views" aria-label="Views">
        {VIEWS.map((name) => (
          <a
            key={name}
            href={toHash({ view: name, filters: filters.value, opened: null, cancelled: showsCancelled.value })}
            aria-current={name === view.value ? 'page' : undefined}
          >
            {VIEW_WORDS[name]}
          </a>
        ))}
      </nav>
      <Search />
      <Live />
      <div class="tools">
        <button type="button" class="tool" onClick={nextTheme} title={`Colours: ${theme.value} (t)`}>
          <Icon name={theme.value === 'auto' ? 'auto' : theme.value === 'dark' ? 'moon' : 'sun'} />
          <span class="hidden">Colours: {theme.value}</span>
        </button>
        <button type="button" class="tool tool-help" onClick={showHelp} title="Keys (?)">
          <span class="key" aria-hidden="true">
            ?
          </span>
          <span class="hidden">Keys</span>
        </button>
      </div>
    </header>
  );
}

function Place() {
  const { branch, remote } = board.value;
  return (
    <span class="place" title={remote === null ? `branch ${branch} of this clone` : `branch ${branch} of ${remote}`}>
      <Icon name="branch" size={14} />
      <span class="place-branch">{branch}</span>
      <span class="place-remote">{remote ?? 'local'}</span>
    </span>
  );
}

function Search() {
  const { search } = filters.value;
  const found = shownTasks.value.length;
  return (
    <search class="search">
      <Icon name="search" />
      <input
        id="search"
        type="search"
        placeholder="Search tasks"
        aria-label="Search tasks"
        autocomplete="off"
        spellcheck={false}
        value={search}
        onInput={(event) => setFilters({ search: event.currentTarget.value })}
        onKeyDown={leaveOnEscape}
      />
      {search.trim() === '' ? (
        <span class="key" aria-hidden="true">
          /
        </span>
      ) : (
        <output for="search">{found.toLocaleString('en')}</output>
      )}
    </search>
  );
}

function Live() {
  const state = connection.value;
  const { time, tip } = board.value;
  if (state === 'report') {
    return (
      <p class="live live-report" title={`commit ${tip}`}>
        Report<span class="live-of"> of </span> <time dateTime={time}>{shortTime(time)}</time>
      </p>
    );
  }
  const isAway = state === 'away' || notice.value !== null;
  return (
    <p class={`live ${isAway ? 'live-away' : `live-${state}`}`} role="status" title={`commit ${tip}`}>
      <span class="live-dot" aria-hidden="true" />
      {state === 'loading' && 'connecting'}
      {state === 'live' && notice.value === null && (
        <>
          live{' '}
          <span class="live-age">
            · <span class="live-changed">changed </span>
            <Ago time={changedAt.value ?? time} />
          </span>
        </>
      )}
      {state === 'live' && notice.value !== null && notice.value}
      {state === 'away' && (
        <>
          not connected{' '}
          {isLoaded.value && (
            <span class="live-age">
              · <Ago time={time} />
            </span>
          )}
        </>
      )}
    </p>
  );
}

/** The tab says how much needs people, so that it can stay in the background. */
function useTitle(): void {
  const count = attention.value.length;
  const { branch } = board.value;
  const { mode, name } = config.value;
  useEffect(() => {
    const parts = [name, branch, mode === 'report' ? 'agentq report' : 'agentq'].filter(Boolean);
    document.title = `${count > 0 ? `(${count}) ` : ''}${parts.join(' · ')}`;
  }, [count, name, branch, mode]);
}

function showHelp(): void {
  showsHelp.value = true;
}

function leaveOnEscape(event: KeyboardEvent & { readonly currentTarget: HTMLInputElement }): void {
  if (event.key !== 'Escape') return;
  if (event.currentTarget.value === '') event.currentTarget.blur();
  setFilters({ search: '' });
}
