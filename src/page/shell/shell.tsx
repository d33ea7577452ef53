import type { ComponentType } from 'preact';
import { useEffect } from 'preact/hooks';
import { BoardView } from '../board/board-view.tsx';
import { Toasts } from '../parts/toasts.tsx';
import { isLoaded, opened, view } from '../state/board-state.ts';
import type { View } from '../state/hash.ts';
import { asking, showsHelp } from '../state/overlays.ts';
import { TaskDrawer } from '../task/task-drawer.tsx';
import { AgentsView } from '../views/agents/agents-view.tsx';
import { ChartsView } from '../views/charts/charts-view.tsx';
import { EventsView } from '../views/events/events-view.tsx';
import { GraphView } from '../views/graph/graph-view.tsx';
import { Ask } from './ask.tsx';
import { AttentionStrip } from './attention-strip.tsx';
import { FilterBar } from './filter-bar.tsx';
import { Header } from './header.tsx';
import { Help } from './help.tsx';
import { listenToKeys } from './keys.ts';
import { Overview } from './overview.tsx';

const COMPONENTS: Readonly<Record<View, ComponentType>> = {
  board: BoardView,
  charts: ChartsView,
  agents: AgentsView,
  graph: GraphView,
  events: EventsView,
};

/** The whole page. */
export function Shell() {
  useEffect(listenToKeys, []);
  const isBehind = opened.value !== null || showsHelp.value || asking.value !== null;
  return (
    <>
      <button type="button" class="skip" onClick={skip}>
        Skip to the content
      </button>
      <Header />
      {isLoaded.value ? <Content /> : <Loading />}
      {opened.value !== null && isLoaded.value && <TaskDrawer key={opened.value} name={opened.value} />}
      {showsHelp.value && <Help />}
      {asking.value !== null && <Ask {...asking.value} />}
      {!isBehind && <Toasts />}
    </>
  );
}

function Content() {
  const Shown = COMPONENTS[view.value];
  return (
    <main id="main" tabIndex={-1} class={`page page-${view.value}`}>
      <Overview />
      <AttentionStrip />
      <FilterBar />
      <Shown />
    </main>
  );
}

function Loading() {
  return (
    <main id="main" class="page" aria-busy="true">
      <p class="loading">Reading the queue …</p>
    </main>
  );
}

/** The fragment of the URL is the page's own, so this is not a link. */
function skip(): void {
  document.getElementById('main')?.focus();
}
