import type { SharedFields } from '../../domain/adding/shared.ts';
import { Failure } from '../../domain/base/failure.ts';
import { given } from '../../domain/base/given.ts';
import { projectProblem, quote } from '../../domain/base/names.ts';
import { closest } from '../../domain/base/suggest.ts';
import { batchProblem, parseHold } from '../../domain/queue/batches.ts';
import { MAX_NEW_TASKS, type NewTask } from '../../domain/queue/new-task.ts';
import { decodeBytes } from '../codec/text/bytes.ts';
import { readDialectPlan } from './dialect-plan.ts';
import { readJsonLinesPlan, readJsonPlan } from './json-plan.ts';
import { isMap, planFailure, type RawValue, type TakenApart } from './raw-plan.ts';
import { toNewTask } from './to-new-task.ts';
import { readToonPlan } from './toon-plan.ts';

/** A file of new tasks, read and checked. */
export interface Plan {
  readonly tasks: readonly NewTask[];
  /** What the file says for all of its tasks. */
  readonly shared: SharedFields;
  readonly warnings: readonly string[];
}

/** Largest input: with every quote escaped, it must still travel to another process in one message (8 MiB). */
export const MAX_PLAN_BYTES = 3 * 1024 * 1024;

const SHARED_KEYS = ['project', 'batch', 'hold_until', 'tasks'];

/**
 * Reads new tasks from TOON, JSON or JSON lines. The file's extension says which; if it does not, the text does.
 * @param name the file's, for messages
 * @throws Failure `task-invalid` that names file, line and field
 */
export function readPlan(bytes: Uint8Array, name: string): Plan {
  const decoded = decodeBytes(bytes, MAX_PLAN_BYTES);
  if (decoded.kind === 'defect') {
    const { line, message } = decoded.defect;
    throw planFailure(name, bytes.length === 0 ? undefined : line, message.replace(/^task file/, 'the input'));
  }
  const text = decoded.text.replace(/^\uFEFF/, '');
  try {
    return planIn(text, name);
  } catch (error) {
    throw withFormats(error, text, name);
  }
}

function planIn(text: string, name: string): Plan {
  const { plan, warnings } = rawPlan(text, name);
  if (plan.tasks.length === 0) throw planFailure(name, undefined, 'there is no task in it');
  if (plan.tasks.length > MAX_NEW_TASKS) {
    throw planFailure(name, undefined, `${plan.tasks.length} tasks are in it, the limit is ${MAX_NEW_TASKS}`);
  }
  const shared = plan.shared === undefined ? {} : sharedFields(plan.shared, name);
  const checked = plan.tasks.map((raw) => toNewTask(raw, name));
  return {
    shared,
    tasks: checked.map(({ task }) => task),
    warnings: [...warnings, ...checked.flatMap((one) => one.warnings)],
  };
}

function rawPlan(text: string, name: string): TakenApart {
  const foreign = notationIn(name);
  if (foreign !== undefined) throw planFailure(name, undefined, `agentq does not read ${foreign}: ${FORMATS}`);
  switch (formatOf(text, name)) {
    case 'json':
      return { plan: readJsonPlan(text, name), warnings: [] };
    case 'json-lines':
      return { plan: readJsonLinesPlan(text, name), warnings: [] };
    case 'toon': {
      const reading = readToonPlan(text, name);
      return reading.kind === 'plan' ? { plan: reading.plan, warnings: [] } : readDialectPlan(text, name);
    }
  }
}

/** The notation that the ending of the name says, if agentq does not read it. */
function notationIn(name: string): string | undefined {
  return FOREIGN[/\.(\w+)$/.exec(name)?.[1]?.toLowerCase() ?? ''];
}

/** What is neither JSON nor named `.toon` may be in a notation that agents like, and agentq does not read. */
function withFormats(error: unknown, text: string, name: string): unknown {
  const isNamed = /\.toon$/i.test(name) || notationIn(name) !== undefined;
  const likely = isNamed || formatOf(text, name) !== 'toon' ? undefined : foreignNotation(text);
  if (!(error instanceof Failure) || likely === undefined) return error;
  const hint = `it looks like ${likely}; ${FORMATS}`;
  return new Failure('task-invalid', error.message, { details: error.details, hint, cause: error });
}

/** By its first lines; comments are the headings of Markdown. */
function foreignNotation(text: string): 'YAML' | 'Markdown' | undefined {
  const lines = text
    .slice(0, 10_000)
    .split('\n')
    .map((line) => line.trim());
  const first = lines.findIndex((line) => line !== '' && !line.startsWith('#'));
  const [line = '', next = ''] = lines.slice(Math.max(first, 0));
  if (line === '---' || /^- [\w-]+:(?: |$)/.test(line) || (line.endsWith(':') && next.startsWith('- '))) return 'YAML';
  return /^[-*] /.test(line) || (first !== 0 && !line.includes(':')) ? 'Markdown' : undefined;
}

const FORMATS = 'a plan is TOON (.toon), JSON (.json) or JSON lines (.jsonl, .ndjson)';
const FOREIGN: Readonly<Record<string, string>> = { yaml: 'YAML', yml: 'YAML', md: 'Markdown', markdown: 'Markdown' };

function formatOf(text: string, name: string): 'json' | 'json-lines' | 'toon' {
  const ending = /\.(toon|jsonl|ndjson|json)$/i.exec(name)?.[1]?.toLowerCase();
  if (ending === 'toon' || ending === 'json') return ending;
  if (ending !== undefined) return 'json-lines';
  const start = text.trimStart();
  if (start.startsWith('[')) return /^\[\d+[|\t]?\][:{]/.test(start) ? 'toon' : 'json';
  if (!start.startsWith('{')) return 'toon';
  const [first = '', ...others] = start.split('\n').filter((line) => line.trim() !== '');
  return others.length > 0 && isWhole(first) ? 'json-lines' : 'json';
}

function isWhole(line: string): boolean {
  try {
    JSON.parse(line);
    return true;
  } catch {
    return false;
  }
}

function sharedFields(raw: RawValue, name: string): SharedFields {
  const fields = isMap(raw.value) ? raw.value : {};
  for (const key of Object.keys(fields)) {
    if (SHARED_KEYS.includes(key)) continue;
    const meant = closest(key, SHARED_KEYS);
    const hint =
      meant === undefined
        ? `besides tasks, the known keys are ${SHARED_KEYS.slice(0, -1).join(', ')}`
        : `did you mean ${meant}?`;
    throw planFailure(name, raw.line(key), `${quote(key)} is not known, ${hint}`);
  }
  const word = (key: string, problem: (value: string) => string | undefined): string | undefined => {
    const value = fields[key];
    if (value === undefined || value === null || value === '') return undefined;
    if (typeof value !== 'string') throw planFailure(name, raw.line(key), `${key} must be text`);
    const wrong = problem(value);
    if (wrong !== undefined) throw planFailure(name, raw.line(key), `${key} is not usable: ${wrong}`);
    return value;
  };
  const project = word('project', projectProblem);
  const batch = word('batch', batchProblem);
  const holdUntil = word('hold_until', (value) => {
    const parsed = parseHold(value);
    return parsed.kind === 'hold' ? undefined : parsed.problem;
  });
  return {
    ...given({ project, batch, holdUntil }),
  };
}
