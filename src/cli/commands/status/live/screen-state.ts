import type { Key } from '../../../output/screen.ts';

/** What the user has chosen to see. */
export interface ScreenState {
  /** undefined: all. */
  readonly project: string | undefined;
  /** The task that Enter opens; undefined: the first. */
  readonly selected: string | undefined;
  /** Words of a search; undefined: there is no search. */
  readonly search: string | undefined;
  /** Whether keys are letters of the search. */
  readonly isTyping: boolean;
  /** The task that is shown with its text and log; undefined: the board. */
  readonly open: string | undefined;
  /** The first line of it that is seen. */
  readonly top: number;
}

export const AT_START: ScreenState = {
  project: undefined,
  selected: undefined,
  search: undefined,
  isTyping: false,
  open: undefined,
  top: 0,
};

/** What there is to choose from at the moment. */
export interface Choices {
  /** Names of the tasks on the screen, from top to bottom. */
  readonly tasks: readonly string[];
  readonly projects: readonly string[];
  /** Lines of an opened task, and of the screen. */
  readonly lines: number;
  readonly rows: number;
}

/** The state after a key; `quit`: the user has seen enough. Keys that mean nothing change nothing. */
export function afterKey(state: ScreenState, key: Key, choices: Choices): ScreenState | 'quit' {
  if (state.isTyping) return afterLetter(state, key);
  switch (key.name) {
    case 'q':
      return 'quit';
    case 'up':
    case 'k':
      return moved(state, -1, choices);
    case 'down':
    case 'j':
      return moved(state, 1, choices);
    case 'pageup':
      return moved(state, -Math.max(1, choices.rows - 4), choices);
    case 'pagedown':
    case 'space':
      return moved(state, Math.max(1, choices.rows - 4), choices);
    case 'return':
    case 'enter':
    case 'right': {
      if (state.open !== undefined) return state;
      const open = selectedOf(state, choices);
      return open === undefined ? state : { ...state, open, selected: open, top: 0 };
    }
    case 'escape':
    case 'left':
    case 'backspace':
      if (state.open !== undefined) return { ...state, open: undefined, top: 0 };
      return { ...state, search: undefined };
    case '/':
      return { ...state, open: undefined, search: '', isTyping: true, selected: undefined };
    case 'p':
      return state.open === undefined ? { ...state, project: nextProject(state, choices), selected: undefined } : state;
    default:
      return state;
  }
}

/** The selected task if it is on the screen, otherwise the first one. */
export function selectedOf({ selected }: ScreenState, { tasks }: Pick<Choices, 'tasks'>): string | undefined {
  return selected !== undefined && tasks.includes(selected) ? selected : tasks[0];
}

function afterLetter(state: ScreenState, { name, text }: Key): ScreenState {
  const { search = '' } = state;
  switch (name) {
    case 'return':
    case 'enter':
    case 'down':
      return { ...state, isTyping: false, search: search.trim() === '' ? undefined : search };
    case 'escape':
      return { ...state, isTyping: false, search: undefined };
    case 'backspace':
      return { ...state, search: [...search].slice(0, -1).join('') };
    default:
      return text === '' ? state : { ...state, search: search + text };
  }
}

function moved(state: ScreenState, by: number, choices: Choices): ScreenState {
  if (state.open !== undefined) {
    const last = Math.max(0, choices.lines - 1);
    return { ...state, top: Math.min(last, Math.max(0, state.top + by)) };
  }
  const { tasks } = choices;
  const at = tasks.indexOf(selectedOf(state, choices) ?? '');
  const selected = tasks[Math.min(tasks.length - 1, Math.max(0, at + by))];
  return selected === undefined ? state : { ...state, selected };
}

/** All, then each project, then all again. */
function nextProject({ project }: ScreenState, { projects }: Choices): string | undefined {
  if (projects.length < 2) return undefined;
  return projects[project === undefined ? 0 : projects.indexOf(project) + 1];
}
