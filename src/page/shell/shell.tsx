import type { ComponentType } from 'preact';
import { BoardView } from '../board/board-view.tsx';
import { view } from '../state/board-state.ts';
import { VIEWS, type View } from '../state/hash.ts';
import { TaskDrawer } from '../task/task-drawer.tsx';
import { AgentsView } from '../views/agents/agents-view.tsx';
import { ChartsView } from '../views/charts/charts-view.tsx';
import { EventsView } from '../views/events/events-view.tsx';
import { GraphView } from '../views/graph/graph-view.tsx';

const COMPONENTS: Readonly<Record<View, ComponentType>> = {
  board: BoardView,
  charts: ChartsView,
  agents: AgentsView,
  graph: GraphView,
  events: EventsView,
};

/** The whole page. */
export function Shell() {
  const Shown = COMPONENTS[view.value];
  return (
    <>
      <nav>
        {VIEWS.map((name) => (
          <a key={name} href={`#/${name}`} aria-current={name === view.value ? 'page' : undefined}>
            {name}
          </a>
        ))}
      </nav>
      <main>
        <Shown />
      </main>
      <TaskDrawer />
    </>
  );
}
