import fc from 'fast-check';
import { encodeTask } from '../../../src/store/codec/write-task.ts';

/** A generated task file, and what a reader must find in it. */
export interface TaskFileSample {
  readonly notation: 'canonical' | 'dialect';
  readonly text: string;
  readonly bytes: Uint8Array;
  readonly where: { readonly path: string; readonly project: string; readonly id: string };
  readonly expected: ExpectedTask;
}

export interface ExpectedTask {
  readonly id: string;
  readonly title: string;
  readonly type: string;
  readonly priority: number;
  readonly status: string | undefined;
  readonly details: string;
  readonly criteria: readonly string[];
  readonly required: readonly string[];
  readonly blocks: readonly string[];
}

interface Content extends ExpectedTask {
  readonly project: string;
  readonly summary: string;
  readonly files: readonly string[];
}

interface Shape {
  readonly newline: '\n' | '\r\n';
  readonly bom: boolean;
  readonly end: string;
}

const WORDS = [
  'status: blocked',
  'the',
  'API',
  '(GET /x/{id})',
  'a, b',
  '[x]',
  '"quoted"',
  '🤖',
  'naïve',
  '3.10',
  '#12',
  'claim:',
];

const word: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...WORDS) },
  fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9.:,_/-]{0,8}$/),
);

/** One line of prose that starts with a letter, so that it is neither block marker, quotes nor comment. */
const prose: fc.Arbitrary<string> = fc
  .tuple(fc.constantFrom('Build', 'status:', 'Fix', 'Überarbeite', 'last_heartbeat:'), fc.array(word, { maxLength: 5 }))
  .map(([first, rest]) => [first, ...rest].join(' '));

const block: fc.Arbitrary<string> = fc
  .array(fc.oneof(prose, fc.constantFrom('- status: ready', '', ' deeper', '# heading', 'task:', 'claim:')), {
    minLength: 1,
    maxLength: 6,
  })
  .map((lines) => ['Do this:', ...lines, 'Done.'].join('\n'));

const taskId: fc.Arbitrary<string> = fc.integer({ min: 1, max: 999 }).map((n) => `TASK-${String(n).padStart(3, '0')}`);

const content: fc.Arbitrary<Content> = fc.record({
  id: fc.oneof(taskId, fc.constantFrom('api.v2-10', '007', '12345678901234567890')),
  project: fc.constantFrom('shop', 'dating-app', '42'),
  title: fc.oneof(prose, fc.constantFrom('3.10', '1e5', 'true story')),
  type: fc.constantFrom('backend', 'frontend', 'infrastructure'),
  priority: fc.integer({ min: 0, max: 10 }),
  status: fc.constantFrom('ready', 'blocked', 'claimed', 'completed', 'pending', undefined),
  summary: prose,
  details: block,
  criteria: fc.array(prose, { maxLength: 5 }),
  required: fc.uniqueArray(taskId, { maxLength: 4 }),
  blocks: fc.uniqueArray(taskId, { maxLength: 3 }),
  files: fc.array(fc.constantFrom('src/a.ts', 'docs/b.md (new)', 'c.toon'), { maxLength: 3 }),
});

const shape: fc.Arbitrary<Shape> = fc.record({
  newline: fc.constantFrom('\n', '\r\n'),
  bom: fc.boolean(),
  end: fc.constantFrom('', '\n', '\n\n', '\n\n\n', '\n  ', '\n \n'),
});

/** A file that the TOON library wrote, in the newline style of any editor. */
export const canonicalTaskFile: fc.Arbitrary<TaskFileSample> = fc.tuple(content, shape).map(([task, style]) => {
  const text = encodeTask({
    task: {
      id: task.id,
      project: task.project,
      title: task.title,
      type: task.type,
      priority: task.priority,
      status: task.status,
    },
    description: { summary: task.summary, details: task.details },
    acceptance_criteria: task.criteria,
    dependencies: { required: task.required, blocks: task.blocks },
    context: {
      files_to_create: task.files,
      table: [
        { status: 'ready', n: 1 },
        { status: 'x', n: 2 },
      ],
    },
    metadata: { created_by: 'architect', status: 'draft', estimated_hours: 8 },
  });
  return sample('canonical', text.replace(/\n$/, ''), style, task);
});

/** A file as agents write it by hand: bare items, block text, numbers that do not add up. */
export const dialectTaskFile: fc.Arbitrary<TaskFileSample> = fc
  .tuple(
    content,
    shape,
    fc.record({
      unit: fc.constantFrom(' ', '  ', '\t'),
      wrong: fc.integer({ min: 0, max: 2 }),
      list: fc.constantFrom<ListStyle[]>('bare', 'dash', 'inline'),
      marker: fc.constantFrom('|', '|-', '>'),
      remark: fc.boolean(),
      gap: fc.boolean(),
      dotted: fc.boolean(),
      leftover: fc.boolean(),
    }),
  )
  .map(([task, style, choice]) => {
    const { unit, wrong, list, marker, remark, gap, dotted, leftover } = choice;
    const sections: string[][] = [
      [
        'task:',
        `${unit}id: ${task.id}`,
        ...(dotted ? [] : [`${unit}project: ${task.project}`]),
        `${unit}title: ${task.title}`,
        `${unit}type: ${task.type}`,
        `${unit}priority: ${task.priority}`,
        ...(task.status === undefined ? [] : [`${unit}status: ${task.status}`]),
      ],
      [
        dotted ? 'task.description:' : 'description:',
        `${unit}summary: ${task.summary}`,
        `${unit}details: ${marker}`,
        ...task.details.split('\n').map((line) => (line === '' ? '' : unit + unit + line)),
      ],
      listOf('acceptance_criteria', task.criteria, list === 'inline' ? 'bare' : list, '', unit, wrong),
      [
        'dependencies:',
        ...listOf(
          'required',
          remark ? task.required.map((id) => `${id} (a remark)`) : task.required,
          list,
          unit,
          unit,
          0,
        ),
        ...listOf('blocks', task.blocks, list, unit, unit, wrong),
        ...(dotted ? [`${unit}soft[0]:`] : []),
      ],
      [
        'native_features[9]:',
        `${unit}status: ready`,
        `${unit}camera: Photo upload`,
        'tiers[2]{name,price}:',
        `${unit}Free,"0, nothing"`,
        `${unit}Elite,29.99`,
      ],
      ...(leftover ? [['claim:', `${unit}status: claimed`, `${unit}claimed_by: agent-$(date +%s) x`]] : []),
    ];
    const text = sections.map((lines) => lines.join('\n')).join(gap ? '\n\n' : '\n');
    return sample('dialect', text, style, task);
  });

/** Task files in either notation. */
export const taskFile: fc.Arbitrary<TaskFileSample> = fc.oneof(canonicalTaskFile, dialectTaskFile);

/** Bytes of a task file that somebody damaged: lines doubled, dropped, moved, cut, bytes overwritten. */
export const damagedTaskFile: fc.Arbitrary<TaskFileSample> = fc
  .tuple(taskFile, fc.array(fc.tuple(fc.nat(), fc.nat({ max: 5 }), fc.nat()), { minLength: 1, maxLength: 4 }))
  .map(([file, damages]) => {
    let text = file.text;
    for (const [place, kind, other] of damages) text = damage(text, place, kind, other);
    // Cutting through an emoji leaves half a character, which no file can hold.
    const bytes = new TextEncoder().encode(text);
    return { ...file, text: new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes), bytes };
  });

type ListStyle = 'bare' | 'dash' | 'inline';

function listOf(
  key: string,
  items: readonly string[],
  style: ListStyle,
  margin: string,
  unit: string,
  wrong: number,
): string[] {
  const head = `${margin}${key}[${items.length + (style === 'inline' ? 0 : wrong)}]:`;
  if (style === 'inline') return [items.length === 0 ? head : `${head} ${items.join(',')}`];
  return [head, ...items.map((item) => `${margin}${unit}${style === 'dash' ? '- ' : ''}${item}`)];
}

function sample(notation: TaskFileSample['notation'], lines: string, style: Shape, task: Content): TaskFileSample {
  const text = (style.bom ? '\uFEFF' : '') + (lines + style.end).replaceAll('\n', style.newline);
  return {
    notation,
    text,
    bytes: new TextEncoder().encode(text),
    where: { path: `.agents/${task.project}/tasks/${task.id}.toon`, project: task.project, id: task.id },
    expected: task,
  };
}

function damage(text: string, place: number, kind: number, other: number): string {
  const lines = text.split('\n');
  const at = place % lines.length;
  const line = lines[at] ?? '';
  const spot = other % (line.length + 1);
  if (kind === 0) lines.splice(at, 1);
  else if (kind === 1) lines.splice(other % lines.length, 0, line);
  else if (kind === 2) lines[at] = line.slice(0, spot);
  else if (kind === 3) lines[at] = ` ${line}`;
  else if (kind === 4)
    lines[at] = line.slice(0, spot) + (['"', ':', '[', '\r', '#', '|', '\t'][place % 7] ?? '') + line.slice(spot);
  else lines[at] = line.trimStart();
  return lines.join('\n');
}
