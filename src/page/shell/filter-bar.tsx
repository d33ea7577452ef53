import { computed } from '@preact/signals';
import { compareNatural } from '../../domain/queue/ordering.ts';
import { counted } from '../format/words.ts';
import { act } from '../live/actions.ts';
import { Icon } from '../parts/icon.tsx';
import { board, filters, setFilters, shownCounts, shownTasks, showsCancelled, view } from '../state/board-state.ts';
import { config } from '../state/connection.ts';
import { isFiltered, labelsOf, NO_FILTERS } from '../state/filters.ts';
import { asking } from '../state/overlays.ts';

/** If there are more than fit on a line, they are a list to choose from. */
const MOST_PILLS = 7;

const agents = computed(() =>
  [...new Set(board.value.tasks.map(({ agent }) => agent))].filter((agent) => agent !== null).sort(compareNatural),
);
const labels = computed(() => labelsOf(board.value.tasks));

/** What is left of the tasks to look at. */
export function FilterBar() {
  const { projects } = board.value;
  const { project } = filters.value;
  // Figures over time are of projects.
  const isOfProjects = view.value === 'charts';
  const isOn = isOfProjects ? project !== null : isFiltered(filters.value);
  const found = isOfProjects ? shownCounts.value.total : shownTasks.value.length;
  return (
    <section class="filters" aria-label="Filters">
      {projects.length > 1 && projects.length <= MOST_PILLS && <ProjectPills />}
      {projects.length > MOST_PILLS && (
        <Choice name="project" all="All projects" values={projects.map(({ project }) => project)} />
      )}
      {!isOfProjects && agents.value.length > 0 && <Choice name="agent" all="All agents" values={agents.value} />}
      {!isOfProjects && labels.value.length > 0 && <Choice name="label" all="All labels" values={labels.value} />}
      {isOn && (
        <button type="button" class="quiet" onClick={clear}>
          <Icon name="close" size={14} />
          Clear
        </button>
      )}
      <p class="filters-found" role="status">
        {isOn
          ? `${found.toLocaleString('en')} of ${counted(board.value.tasks.length, 'task')}`
          : counted(board.value.tasks.length, 'task')}
      </p>
      {view.value === 'board' && shownCounts.value.cancelled > 0 && (
        <label class="switch">
          <input
            type="checkbox"
            checked={showsCancelled.value}
            onChange={(event) => {
              showsCancelled.value = event.currentTarget.checked;
            }}
          />
          Cancelled <span>{shownCounts.value.cancelled}</span>
        </label>
      )}
      {config.value.actions && <PauseButton />}
    </section>
  );
}

function ProjectPills() {
  const { projects, paused, all } = board.value;
  const chosen = filters.value.project;
  const isPaused = (name: string): boolean => paused.some(({ project }) => project === name);
  return (
    <fieldset class="pills">
      <legend class="hidden">Project</legend>
      <button type="button" aria-pressed={chosen === null} onClick={() => setFilters({ project: null })}>
        All <small>{all.percent}%</small>
      </button>
      {projects.map(({ project, percent }) => (
        <button
          key={project}
          type="button"
          aria-pressed={chosen === project}
          onClick={() => setFilters({ project: chosen === project ? null : project })}
        >
          {isPaused(project) && <Icon name="pause" size={12} />}
          {project} <small>{percent}%</small>
          {isPaused(project) && <span class="hidden">, paused</span>}
        </button>
      ))}
    </fieldset>
  );
}

interface ChoiceProps {
  readonly name: 'project' | 'agent' | 'label';
  readonly all: string;
  readonly values: readonly string[];
}

function Choice({ name, all, values }: ChoiceProps) {
  const value = filters.value[name];
  const isKnown = value === null || values.includes(value);
  return (
    <span class={`choice ${value === null ? '' : 'on'}`}>
      <select
        aria-label={`Filter by ${name}`}
        value={value ?? ''}
        onChange={(event) =>
          setFilters({ [name]: event.currentTarget.value === '' ? null : event.currentTarget.value })
        }
      >
        <option value="">{all}</option>
        {!isKnown && <option value={value}>{value}</option>}
        {values.map((one) => (
          <option key={one} value={one}>
            {one}
          </option>
        ))}
      </select>
      <Icon name="down" size={14} />
    </span>
  );
}

/** Stops the claims of what is filtered by, or lets them go on. */
function PauseButton() {
  const { project } = filters.value;
  const isPaused = board.value.paused.some((pause) => pause.project === project);
  const what = project ?? 'the queue';
  if (isPaused) return null;
  return (
    <button type="button" class="quiet" onClick={() => pause(project, what)}>
      <Icon name="pause" size={14} />
      Pause {what}
    </button>
  );
}

function pause(project: string | null, what: string): void {
  asking.value = {
    title: `Pause ${what}`,
    label: 'Why? Nothing in it is claimed until somebody resumes it.',
    button: 'Pause',
    onSay: (reason) => void act({ action: 'pause', project, reason }),
  };
}

function clear(): void {
  filters.value = NO_FILTERS;
}
