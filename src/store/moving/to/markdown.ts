import type { ExportedTask } from '../../../domain/moving/exported-task.ts';
import { labelWord, toLine } from '../../../domain/moving/words.ts';

/** Labels that only say where the task comes from. */
const ORIGIN: ReadonlySet<string> = new Set(['created_by', 'created_at']);

/** What would make a criterion a task. */
const BOX = /^\[[ xX]\]/;

/** A check list for each project and batch, with descriptions and criteria; `import markdown` reads it again. */
export function toMarkdown(tasks: readonly ExportedTask[]): string {
  const lines: string[] = [];
  let heading = '';
  for (const group of groupsOf(tasks)) {
    const [first] = group;
    if (first === undefined) continue;
    if (first.project !== heading) {
      heading = first.project;
      lines.push(...(lines.length === 0 ? [] : ['']), `# ${escaped(heading)}`, '');
    }
    if (first.batch !== null) lines.push(`## ${escaped(first.batch)}`, '');
    for (const task of group) lines.push(...itemOf(task));
    lines.push('');
  }
  return `${lines.join('\n').trimEnd()}\n`;
}

/** Tasks without a batch come first: below a heading they would belong to it. */
function groupsOf(tasks: readonly ExportedTask[]): readonly (readonly ExportedTask[])[] {
  const groups = new Map<string, ExportedTask[]>();
  const projects = [...new Set(tasks.map(({ project }) => project))];
  for (const project of projects) groups.set(`${project}\n`, []);
  for (const task of tasks) {
    const name = `${task.project}\n${task.batch ?? ''}`;
    const group = groups.get(name);
    if (group) group.push(task);
    else groups.set(name, [task]);
  }
  const order = new Map(projects.map((project, index) => [project, index]));
  return [...groups.values()].sort(
    (a, b) => (order.get(a[0]?.project ?? '') ?? 0) - (order.get(b[0]?.project ?? '') ?? 0),
  );
}

function itemOf(one: ExportedTask): readonly string[] {
  const { project, task, title, state, type, priority, labels, requires, acceptanceCriteria } = one;
  const isDone = state === 'completed' || state === 'cancelled';
  const facts = [
    `${project}/${task}`,
    ...(priority === null || priority === 0 ? [] : [`priority=${priority}`]),
    ...(type === null ? [] : [`type=${type.replace(/[^\w.-]+/g, '-')}`]),
    ...(state === 'ready' || state === 'completed' ? [] : [`state=${state}`]),
  ];
  const tags = Object.entries(labels)
    .filter(([key]) => !ORIGIN.has(key))
    .map(([key, value]) => labelWord(key, value))
    .filter((word) => /^\p{L}[\p{L}\p{N}:/_-]{0,60}$/u.test(word))
    .map((word) => ` #${word}`);
  const head = `- [${isDone ? 'x' : ' '}] ${escaped(title ?? task)}${tags.join('')} <!-- ${facts.join(' ')} -->`;
  const parts = [
    ...(one.summary === null ? [] : [one.summary.split('\n')]),
    ...(one.details === null ? [] : [one.details.split('\n')]),
    ...(acceptanceCriteria.length === 0
      ? []
      : [
          [
            'Acceptance criteria:',
            '',
            ...acceptanceCriteria.flatMap((text) =>
              `- ${text.replace(BOX, '\\$&').replaceAll('\n', '\n  ')}`.split('\n'),
            ),
          ],
        ]),
    ...(requires.length === 0 ? [] : [[`Requires: ${requires.join(', ')}`]]),
  ];
  return [head, ...parts.flatMap((part) => ['', ...part.map((line) => (line === '' ? '' : `  ${line}`))])];
}

/** The line, escaped so that its beginning is not Markdown. */
function escaped(text: string): string {
  return toLine(text)
    .replace(/[<\\`*_[\]#]/g, '\\$&')
    .replace(/^[-+>]/, '\\$&')
    .replace(/^(\d{1,9})([.)])/, '$1\\$2');
}
