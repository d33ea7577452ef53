import { computed, signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { taskName } from '../../../domain/queue/task.ts';
import { counted } from '../../format/words.ts';
import { board, filters, setFilters, shownTasks } from '../../state/board-state.ts';
import { isFiltered } from '../../state/filters.ts';
import { Alone } from './alone.tsx';
import { Drawing } from './drawing.tsx';
import { useLayout } from './layout-state.ts';
import { type GraphModel, type GraphNode, graphModel } from './model.ts';
import { CycleText, PathText } from './path-text.tsx';
import { useZoom } from './zoom.ts';

/** Linked tasks that are drawn at most: the layout of 500 took 0.6 s, and nobody reads more. */
const MOST = 500;

const withCompleted = signal(false);

const model = computed((): GraphModel => {
  const project = filters.value.project ?? undefined;
  return graphModel(board.value.tasks, { project, withCompleted: withCompleted.value, most: MOST });
});

/** What requires what, and what the end of the work depends on. */
export function GraphView() {
  const graph = model.value;
  const { project } = filters.value;
  const { linked, alone, left, cycles } = graph;
  const projects = board.value.projects.filter(({ total, completed, cancelled }) => total > completed + cancelled);
  return (
    <section class="view graph-view" aria-labelledby="graph-title">
      <header class="view-head">
        <h2 id="graph-title">{project === null ? 'Dependencies' : `Dependencies of ${project}`}</h2>
        <p>{countsText(graph)}</p>
        <label class="view-check">
          <input
            type="checkbox"
            checked={withCompleted.value}
            onChange={(event) => (withCompleted.value = event.currentTarget.checked)}
          />
          completed too
        </label>
      </header>
      <PathText names={graph.criticalPath} project={project} />
      {cycles.length > 0 && <CycleText cycles={cycles} project={project} />}
      {left > 0 && (
        <p class="graph-note" role="status">
          {`${linked.length} of ${counted(linked.length + left, 'linked task')} are drawn: the critical path, and those that come first.`}
          {project === null && projects.length > 1 && (
            <>
              {' One project alone is easier to read: '}
              {projects.map((one) => (
                <button key={one.project} type="button" class="graph-chip" onClick={() => setFilters(one)}>
                  {one.project}
                </button>
              ))}
            </>
          )}
        </p>
      )}
      {linked.length > 0 ? (
        <Picture graph={graph} />
      ) : (
        <p class="view-empty">
          {alone.length === 0 ? 'There is no open task here.' : 'No open task requires another one.'}
        </p>
      )}
      <Alone nodes={alone} project={project} />
    </section>
  );
}

function Picture({ graph }: { readonly graph: GraphModel }) {
  const host = useRef<HTMLElement>(null);
  const zoom = useZoom(host);
  const layout = useLayout(graph);
  const placed = useRef<string | null | undefined>(undefined);
  const { project } = filters.value;
  useEffect(() => {
    const first = layout?.places.get(graph.criticalPath[0] ?? '');
    // Once for each project: what somebody looks at must not move away when a task is done.
    if (layout === undefined || first === undefined || placed.current === project) return;
    placed.current = project;
    zoom.begin(layout, first);
  }, [layout, project]);
  const isChosen = isFiltered({ ...filters.value, project: null });
  const names = isChosen ? new Set(shownTasks.value.map(taskName)) : undefined;
  const passes = ({ name }: GraphNode): boolean => names === undefined || names.has(name);
  return (
    <div class="graph-frame">
      <section class="graph-scroll" ref={host} tabIndex={0} aria-label="Graph" onKeyDown={zoom.onKeyDown}>
        {layout === undefined ? (
          <p class="view-empty" role="status">
            {`Placing ${graph.linked.length} tasks …`}
          </p>
        ) : (
          <Drawing model={graph} layout={layout} scale={zoom.scale.value} passes={passes} />
        )}
      </section>
      <div class="graph-tools" role="toolbar" aria-label="Zoom">
        <button type="button" aria-label="Smaller" title="Smaller (-)" onClick={() => zoom.zoomBy(0.8)}>
          −
        </button>
        <output>{`${Math.round(zoom.scale.value * 100)} %`}</output>
        <button type="button" aria-label="Larger" title="Larger (+)" onClick={() => zoom.zoomBy(1.25)}>
          +
        </button>
        <button type="button" onClick={() => layout && zoom.fit(layout.width, layout.height)}>
          Fit
        </button>
      </div>
    </div>
  );
}

function countsText({ linked, alone, left }: GraphModel): string {
  const tasks = counted(linked.length + left, 'linked task');
  return alone.length === 0
    ? tasks
    : `${tasks}, ${counted(alone.length, 'other')} on ${alone.length === 1 ? 'its' : 'their'} own`;
}
