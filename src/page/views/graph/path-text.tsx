import { useSignal } from '@preact/signals';
import { open } from '../../state/board-state.ts';

/** Tasks of a path that are named before somebody asks for all. */
const FIRST = 12;

interface PathTextProps {
  readonly names: readonly string[];
  /** Names are told without their project, if all have the same. */
  readonly project: string | null;
}

/** The critical path in words: `3 open tasks: T-1 → T-2 → T-3`. */
export function PathText({ names, project }: PathTextProps) {
  const isWhole = useSignal(false);
  if (names.length === 0) return <p class="graph-path">Nothing is open.</p>;
  const shown = isWhole.value ? names : names.slice(0, FIRST);
  return (
    <p class="graph-path">
      <strong>Critical path</strong>
      <span>{names.length === 1 ? '1 open task:' : `${names.length} open tasks:`}</span>
      {shown.map((name, at) => (
        <span key={name} class="graph-step">
          {at > 0 && <i aria-hidden="true">→</i>}
          <TaskLink name={name} project={project} />
        </span>
      ))}
      {shown.length < names.length && (
        <button type="button" class="task-link" onClick={() => (isWhole.value = true)}>
          {`and ${names.length - shown.length} more`}
        </button>
      )}
    </p>
  );
}

/** Tasks that can never begin, because they wait for each other. */
export function CycleText({
  cycles,
  project,
}: {
  readonly cycles: readonly (readonly string[])[];
  readonly project: string | null;
}) {
  return (
    <ul class="graph-cycles">
      {cycles.map((names) => (
        <li key={names.join(' ')}>
          <strong>Cycle</strong> {names.length === 1 ? 'a task waits for itself:' : 'these wait for each other:'}{' '}
          {names.map((name) => (
            <span key={name} class="graph-step">
              <TaskLink name={name} project={project} />
              <i aria-hidden="true">→</i>
            </span>
          ))}
          {shortName(names[0] ?? '', project)}
        </li>
      ))}
    </ul>
  );
}

/** A task's name, which opens it. */
export function TaskLink({ name, project }: { readonly name: string; readonly project: string | null }) {
  return (
    <button type="button" class="task-link" title={name} onClick={() => open(name)}>
      {shortName(name, project)}
    </button>
  );
}

function shortName(name: string, project: string | null): string {
  return project !== null && name.startsWith(`${project}/`) ? name.slice(project.length + 1) : name;
}
