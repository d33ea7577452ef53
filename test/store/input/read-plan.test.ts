import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { withShared } from '../../../src/domain/adding/shared.ts';
import { Failure } from '../../../src/domain/base/failure.ts';
import { parseDependencyEntries } from '../../../src/domain/queue/dependency-entry.ts';
import type { DependencyEntry } from '../../../src/domain/queue/task.ts';
import { readTask } from '../../../src/store/codec/read-task.ts';
import { MAX_PLAN_BYTES, type Plan, readPlan } from '../../../src/store/input/read-plan.ts';
import { addIntent, idsOf } from '../../kit/queues/new-tasks.ts';
import { snapshotOf } from '../../kit/queues/snapshots.ts';

function plan(text: string, name = 'stdin'): Plan {
  return readPlan(Buffer.from(text), name);
}

function problem(input: string | Uint8Array, name = 'stdin'): string {
  try {
    readPlan(Buffer.from(input), name);
  } catch (error) {
    if (error instanceof Failure && error.code === 'task-invalid') return error.message;
    throw error;
  }
  throw new Error('it was accepted');
}

const ONE = {
  title: 'Build the API',
  ref: 'api',
  priority: 8,
  required: ['TASK-001', 'TASK-002'],
  criteria: ['It builds', 'GET /x: 200'],
};

describe('the same task', () => {
  it.each<{ form: string; name?: string; text: string }>([
    {
      form: 'flat JSON',
      text: '{"title":"Build the API","ref":"api","priority":8,"requires":["TASK-001","TASK-002"],"criteria":["It builds","GET /x: 200"]}',
    },
    {
      form: 'JSON with an array',
      text: '[{"title":"Build the API","ref":"api","priority":8,"required":["TASK-001","TASK-002"],"acceptance_criteria":["It builds","GET /x: 200"]}]',
    },
    {
      form: 'a nested document',
      name: 'x.json',
      text: '{"task":{"title":"Build the API","ref":"api","priority":"8"},"acceptance_criteria":["It builds","GET /x: 200"],"dependencies":{"required":["TASK-001","TASK-002"]}}',
    },
    {
      form: 'JSON with tasks',
      text: '{"tasks":[{"title":"Build the API","ref":"api","priority":8,"requires":"TASK-001 TASK-002","criteria":["It builds","GET /x: 200"]}]}',
    },
    {
      form: 'JSON lines',
      text: '\n{"title":"Build the API","ref":"api","priority":8,"requires":"TASK-001, TASK-002","criteria":["It builds","GET /x: 200"]}\r\n\n',
      name: 'x.ndjson',
    },
    {
      form: 'a TOON list',
      text: 'tasks[1]:\n  - title: Build the API\n    ref: api\n    priority: 8\n    requires[2]: TASK-001,TASK-002\n    criteria[2]: It builds,"GET /x: 200"\n',
    },
    {
      form: 'a TOON list without a key',
      text: '[1]:\n  - title: Build the API\n    ref: api\n    priority: 8\n    requires[2]: TASK-001,TASK-002\n    criteria[2]: It builds,"GET /x: 200"\n',
    },
    {
      form: 'a TOON document',
      text: '\uFEFFtask:\r\n    title: Build the API\r\n    ref: api\r\n    priority: 8\r\ndependencies:\r\n    required[2]: TASK-001,TASK-002\r\nacceptance_criteria[2]:\r\n    - It builds\r\n    - "GET /x: 200"\r\n',
    },
    {
      form: 'a task file of the dialect',
      text: 'task:\n title: Build the API\n ref: api\n priority: 8\n\nacceptance_criteria[5]:\n It builds\n GET /x: 200\n\ndependencies:\n required[2]:\n  TASK-001\n  TASK-002\n blocks[0]:\n',
    },
    {
      form: 'the older dialect',
      text: 'task:\n title: Build the API\n ref: api\n priority: 8\ntask.acceptance_criteria[2]:\n It builds\n GET /x: 200\ntask.dependencies:\n required[2]:\n  TASK-001\n  TASK-002\n soft[0]:\n',
    },
  ])('comes out of $form', ({ text, name }) => {
    expect(plan(text, name).tasks).toEqual([expect.objectContaining(ONE)]);
  });

  it('in a table has cells for what is one value', () => {
    const { tasks, shared } = plan(
      'project: shop\nbatch: base\nhold_until: 80% of start\ntasks[2]{ref,title,priority,requires,criteria}:\n  api,"Build, then test",8,"",It builds\n  ui,Build the UI,"",api TASK-3,""\n',
      'plan.toon',
    );
    expect(shared).toEqual({ project: 'shop', batch: 'base', holdUntil: '80% of start' });
    expect(tasks).toMatchObject([
      { place: 'plan.toon:5', title: 'Build, then test', priority: 8, required: [], criteria: ['It builds'] },
      { place: 'plan.toon:6', title: 'Build the UI', required: ['api', 'TASK-3'], criteria: [] },
    ]);
    expect(tasks[1]).not.toHaveProperty('priority');
  });
});

describe('what agentq has no use for', () => {
  it('is kept where a task file has it', () => {
    const { tasks, warnings } = plan(
      '{"task":{"title":"x","estimate":3,"prioritty":1},"context":{"files":["a"],"deep":{"n":[1,{"k":"v"}]}},"dependencies":{"soft":["T-1"]},"metadata":{"sprint":4}}',
    );
    expect(tasks[0]?.rest).toEqual({
      task: { estimate: 3, prioritty: 1 },
      context: { files: ['a'], deep: { n: [1, { k: 'v' }] } },
      dependencies: { soft: ['T-1'] },
      metadata: { sprint: 4 },
    });
    expect(warnings).toEqual(['stdin:1: "prioritty" is kept, but means nothing to agentq: did you mean priority?']);
  });

  it('is kept of the dialect too, in all that is there', () => {
    const text =
      'task:\n title: x\ncontext:\n files[3]:\n  a (new)\n  b: c\n notes: |\n  one\n\n  two\n tiers[2]{name,price}:\n  Free,"0, nothing"\n  Elite,29.99\nfeatures[2]:\n camera: Photo\n map: yes\njust a remark\n';
    const { tasks, warnings } = plan(text, 'TASK-9.toon');
    expect(tasks[0]?.rest).toEqual({
      context: {
        files: ['a (new)', 'b: c'],
        notes: 'one\n\ntwo',
        tiers: [
          { name: 'Free', price: '0, nothing' },
          { name: 'Elite', price: 29.99 },
        ],
      },
      features: { camera: 'Photo', map: 'yes' },
    });
    expect(warnings).toEqual([
      'TASK-9.toon:17: this line has no key, and is left out',
      'TASK-9.toon:4: files[3] holds 2',
    ]);
  });
});

describe('task files as agents write them', () => {
  const folder = new URL('../../fixtures/dialect/', import.meta.url);
  const files = readdirSync(folder).filter((file) => file.endsWith('.toon'));
  it.each(files)('%s is taken as it is read, once it is nobody’s', (file) => {
    const text = readFileSync(new URL(file, folder), 'utf8');
    const unclaimed = text
      .replace(/^(claim|completion):\r?\n( .*\n|\r?\n)*/gm, '')
      .replace(/^( *status:) (claimed|completed|in_progress)/m, '$1 ready')
      .replace('priority: high', 'priority: 9');
    const where = { path: file, project: 'bike-shop', id: file.replace('.toon', '') };
    const reading = readTask(Buffer.from(unclaimed), where);
    if (reading.kind !== 'read') {
      expect(problem(unclaimed, file)).toContain(`${file}:`);
      return;
    }
    const [task] = plan(unclaimed, file).tasks;
    const read = reading.task;
    expect(task).toMatchObject({ id: read.declaredId, title: read.title, priority: read.priority });
    expect([task?.type, task?.summary, task?.details]).toEqual([read.type, read.summary, read.details]);
    if (read.acceptanceCriteria.length > 0) expect(task?.criteria).toEqual(read.acceptanceCriteria);
    else expect((task?.criteria.length ?? 0) > 0).toBe(unclaimed.includes('acceptance_criteria:'));
    // What says "none" is not kept.
    const named = (entries: readonly DependencyEntry[]) => entries.flatMap(({ id }) => id ?? []);
    const ids = (texts: readonly string[] = []) =>
      named(texts.flatMap((entry) => parseDependencyEntries(entry, 1, 'bike-shop')));
    expect(ids(task?.required)).toEqual(named(read.required));
    expect(ids(task?.blocks)).toEqual(named(read.blocks));
    if (unclaimed !== text) {
      expect(problem(text, file)).toMatch(/^SHOP-\d+\.toon:\d+: (claim|completion|status|priority) /);
    }
  });
});

describe('the plans in docs/adding-tasks.md', () => {
  const page = readFileSync(new URL('../../../docs/adding-tasks.md', import.meta.url), 'utf8');
  const plans = [...page.matchAll(/```toon\n([\s\S]*?)```/g)].map(([, text = '']) => text);

  it('are as long as they say, and added as they say', () => {
    expect(plans).toHaveLength(2);
    const there = ['TASK-001', 'TASK-003', 'TASK-007'].map((id) => ({ project: 'shop', id }));
    const names = plans.map((text) => {
      const { tasks, shared, warnings } = plan(text, 'plan.toon');
      expect(warnings).toEqual([]);
      const { project = 'shop' } = shared;
      return idsOf(snapshotOf(there), addIntent(withShared(tasks, shared), { project }));
    });
    expect(names).toEqual([
      ['TASK-008', 'TASK-009', 'TASK-010', 'LOAD-1'],
      ['TASK-008', 'TASK-009'],
    ]);
  });
});

describe('a mistake', () => {
  const list = (entry: string) => `tasks[2]:\n  - title: A\n  - ${entry}\n`;
  it.each<{ text: string | Uint8Array; name?: string; says: string }>([
    { text: '', says: 'stdin: the file is empty' },
    { text: ' \n', says: 'stdin:1: the file is empty' },
    { text: new Uint8Array([0x74, 0x0a, 0xff]), says: 'stdin:2: not valid UTF-8' },
    {
      text: 'x'.repeat(MAX_PLAN_BYTES + 1),
      says: `stdin: the input is ${MAX_PLAN_BYTES + 1} bytes, the limit is ${MAX_PLAN_BYTES}`,
    },
    { text: '{"title":"A",\n"x"}', name: 'p.json', says: 'p.json:2: not readable as JSON: expected :, found "}"' },
    {
      text: '[{"title":"A"},\n]',
      name: 'p.json',
      says: 'p.json:2: not readable as JSON: expected a value, found "]"',
    },
    { text: '{"title":"A', name: 'p.json', says: 'p.json:1: not readable as JSON: a string is not closed' },
    { text: '{"title":"A"} x', name: 'p.json', says: 'p.json:1: not readable as JSON: expected the end, found "x"' },
    {
      text: '{"title":"A",\n\n"title":"B"}',
      name: 'p.json',
      says: 'p.json:3: not readable as JSON: the key "title" is given twice',
    },
    { text: '['.repeat(5000), name: 'p.json', says: 'p.json:1: not readable as JSON: nested more than 100 levels' },
    {
      text: '{"title":"A"}\n{"title":\n',
      name: 'p.jsonl',
      says: 'p.jsonl:2: not readable as JSON: expected a value, found the end',
    },
    {
      text: '{"title":"A"}\n\n["A"]\n',
      name: 'p.jsonl',
      says: 'p.jsonl:3: a task must be a map with a title, not a list',
    },
    {
      text: 'tasks[3]:\n  - title: A\n',
      says: 'stdin:2: not readable as TOON: Expected 3 list-form items, but got 1',
    },
    { text: 'title: A\n  x: 1\n', name: 'p.toon', says: 'p.toon:2: not readable as TOON' },
    { text: 'hello', name: 'p.toon', says: 'p.toon:1: a task must be a map with a title, not "hello"' },
    { text: '[]', name: 'p.json', says: 'p.json: there is no task in it' },
    { text: 'tasks[0]:\n', says: 'stdin: there is no task in it' },
    { text: '42', name: 'p.json', says: 'p.json:1: a task must be a map with a title, not "42"' },
    {
      text: '[{"title":"A"},\n null]',
      name: 'p.json',
      says: 'p.json:2: a task must be a map with a title, not nothing',
    },
    { text: list('titel: B'), says: 'stdin:3: titel is not known, did you mean title?' },
    { text: list('title: B\n    zzzzzz: 1'), says: 'stdin:4: zzzzzz is not known, the known keys are id, ref' },
    { text: list('type: ui'), says: 'stdin:3: title is missing' },
    { text: list('title: B\n    priority: high'), says: 'stdin:4: priority must be a number' },
    {
      text: list('title: B\n    status: claimed'),
      says: 'stdin:4: status must be ready, blocked or pending for a new task, not "claimed"',
    },
    { text: list('title: B\n    status: blockd'), says: 'did you mean blocked?' },
    { text: list('title: B\n    id: ../x'), says: 'stdin:4: id is not usable: task id "../x" is not valid' },
    {
      text: list('title: B\n    id: TASK-1.'),
      says: 'stdin:4: id is not usable: task id "TASK-1." could not be the name of a branch',
    },
    { text: list('title: B\n    id: 3.10'), says: 'stdin:4: id must be quoted: as a number it loses digits' },
    { text: list('title: B\n    ref: "a b"'), says: 'stdin:4: ref is not usable' },
    { text: list('title: B\n    project: .git'), says: 'stdin:4: project is not usable' },
    {
      text: list('title: B\n    requires[1]:\n      - see http: x'),
      says: 'stdin:4: requires must be a list of texts, and entry 1 is not a text',
    },
    {
      text: list('title: B\n    requires[1]: Note the docs'),
      says: 'stdin:4: requires "Note the docs", which names no task',
    },
    {
      text: list('title: B\n    hold_until: soon'),
      says: 'stdin:4: hold_until is not usable: "soon" is not a condition',
    },
    { text: list('title: "two\\nlines"'), says: 'stdin:3: title must be one line' },
    { text: list('title: "\\u202eevil"'), says: 'stdin:3: title must be one line without control characters' },
    { text: list('title: B\n    details: "a\\u001b[2J"'), says: 'stdin:4: details holds a control character' },
    { text: list(`title: ${'x'.repeat(501)}`), says: 'stdin:3: title is 501 characters long' },
    { text: list('title: |'), says: 'stdin:3: block text after | is for task files' },
    { text: '{"title":"A","labels":{"a":[1]}}', says: 'stdin:1: labels must have one value for "a", not a list' },
    { text: '{"title":"A","labels":"a=1"}', says: 'stdin:1: labels must be a map' },
    {
      text: '{"title":"A","requires":["A-1"],\n"required":["A-1"]}',
      name: 'p.json',
      says: 'p.json:2: required says the same as requires',
    },
    { text: '{"title":"A\\ud800"}', says: 'stdin:1: title must be one line' },
    { text: '{"__proto__":{"title":"A"}}', says: '__proto__ is not known' },
    { text: '{"prject":"x","tasks":[{"title":"A"}]}', says: 'stdin:1: "prject" is not known, did you mean project?' },
    { text: '{"project":"../x","tasks":[{"title":"A"}]}', says: 'stdin:1: project is not usable' },
    {
      text: '{"task":{"title":"A"},\n"claim":{"claimed_by":"me"}}',
      name: 'p.json',
      says: 'p.json:2: claim has no place in a new task',
    },
    {
      text: '{"task":{"title":"A",\n"claim":{"claimed_by":"me"}}}',
      name: 'p.json',
      says: 'p.json:2: task.claim has no place in a new task',
    },
    { text: '{"task":{"title":"A","claim.claimed_by":"me"}}', says: 'is not the name of a section' },
    { text: '{"task":{"title":"A"},"task.claim":{"claimed_by":"me"}}', says: 'is not the name of a section' },
    { text: '{"task":{"title":"A"},"context":{"a\\nclaim:":1}}', says: 'context must be one line' },
    {
      text: `{"task":{"title":"A"},"context":${'{"a":'.repeat(20)}1${'}'.repeat(20)}}`,
      says: 'context is nested more than 16 levels deep',
    },
  ])('$says', ({ text, name, says }) => {
    const message = problem(text, name);
    expect(message).toContain(says);
    expect(message).not.toContain('\n');
  });
});
