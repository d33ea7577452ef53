import { encode } from '@toon-format/toon';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { editTask } from '../../../src/store/codec/edits/edit-task.ts';
import { readTask } from '../../../src/store/codec/read-task.ts';
import { encodeTask } from '../../../src/store/codec/write-task.ts';
import { sized } from '../../kit/sample.ts';

const WHERE = { path: '.agents/p/tasks/T-1.toon', project: 'p', id: 'T-1' };
const HEAD = 'task:\n  id: T-1\n  title: t\n  status: ready\n';

function read(text: string) {
  const reading = readTask(Buffer.from(text), WHERE);
  if (reading.kind !== 'read') throw new Error(JSON.stringify(reading));
  const ids = (entries: typeof reading.task.required) => entries.map(({ id }) => id ?? '-').join(' ');
  return {
    required: ids(reading.task.required),
    blocks: ids(reading.task.blocks),
    findings: reading.findings.map(({ line, code, severity }) => `${line} ${code} ${severity}`),
    messages: reading.findings.map(({ message, hint }) => `${message} (${hint})`),
  };
}

describe('a table of dependencies with a column that names the kind', () => {
  it.each([
    ['at the top', 'dependencies[3]{id,kind}:\n  A-1,blocks\n  A-2,related\n  A-3,blocked_by\n', 'A-3', 'A-1'],
    ['in the task', '  dependencies[2]{id,kind}:\n    A-1,blocks\n    A-2,requires\n', 'A-2', 'A-1'],
    ['in required', 'dependencies:\n required[2]{id,kind}:\n  A-1,related\n  A-2,needs\n', 'A-2', ''],
    [
      'in blocks, where all is information',
      'dependencies:\n blocks[2]{id,kind}:\n  A-1,needs\n  A-2,x\n',
      '',
      'A-1 A-2',
    ],
    ['called type', 'dependencies[2]{type,id}:\n  depends_on,A-1\n  parent-child,A-2\n', 'A-1', ''],
    ['called relation', 'dependencies[2]{relation,task}:\n  required,A-1\n  discovered-from,A-2\n', 'A-1', ''],
    ['with the id in any column', 'dependencies[1]{title,kind,target}:\n  Set up,requires,A-1\n', 'A-1', ''],
    ['with the id in the first other column', 'dependencies[1]{kind,what}:\n  requires,A-1\n', 'A-1', ''],
    ['with names in any case', 'dependencies[2]{Task ID,Kind}:\n  A-1,Blocked By\n  A-2,BLOCKS\n', 'A-1', 'A-2'],
    [
      'with kinds in any form',
      'dependencies[3]{id,kind}:\n  A-1,dependsOn\n  A-2,blocked-by\n  A-3,"Depends on"\n',
      'A-1 A-2 A-3',
      '',
    ],
    [
      'where nothing stands for no kind',
      'dependencies[4]{id,kind}:\n  A-1,\n  A-2,""\n  A-3,null\n  A-4\n',
      'A-1 A-2 A-3 A-4',
      '',
    ],
    ['in another delimiter', 'dependencies[2|]{id|kind}:\n  A-1|blocks\n  A-2|requires\n', 'A-2', 'A-1'],
    ['on the line of its header', 'dependencies[2]{id,kind}: A-1,blocks,A-2,requires\n', 'A-2', 'A-1'],
    [
      'with a remark that holds commas',
      'dependencies[2]{id,kind}:\n  A-1 (a, b),blocks\n  A-2 (c, d),requires\n',
      'A-2',
      'A-1',
    ],
    [
      'behind a cell that holds commas',
      'dependencies[2]{id,title,kind}:\n  A-1,x, y,blocks\n  A-2,x, y,requires\n',
      'A-2',
      'A-1',
    ],
    ['with CRLF', 'dependencies[2]{id,kind}:\r\n  A-1,blocks\r\n  A-2,requires\r\n', 'A-2', 'A-1'],
    [
      'as objects',
      'dependencies[3]:\n  - id: A-1\n    kind: blocks\n  - kind: requires\n    id: A-2\n  - id: A-3\n',
      'A-2 A-3',
      'A-1',
    ],
    [
      'as objects in required',
      'dependencies:\n  required[2]:\n    - task: A-1\n      type: related\n    - ref: A-2\n      note: x\n',
      'A-2',
      '',
    ],
    [
      'as JSON',
      'dependencies: [{"id": "A-1", "kind": "blocks"}, {"id": "A-2", "kind": "requires"}, "A-3"]\n',
      'A-2 A-3',
      'A-1',
    ],
    [
      'as JSON in several lines',
      'dependencies: [\n  {"id": "A-1", "kind": "blocks"},\n  {"id": "A-2"}\n ]\n',
      'A-2',
      'A-1',
    ],
    ['as a flow map', 'dependencies: [{id: A-1, kind: related}, {id: A-2, kind: needs}]\n', 'A-2', ''],
    ['under another name', '  depends_on[2]{id,kind}:\n    A-1,related\n    A-2,required\n', 'A-2', ''],
  ])('%s', (_, body, required, blocks) => {
    expect(read(HEAD + body)).toMatchObject({ required, blocks });
  });

  it('is a contradiction where the list itself says that it gates', () => {
    const { findings, messages } = read(`${HEAD}dependencies:\n  required[2]{id,kind}:\n    A-1,related\n    A-2,\n`);
    expect(findings).toEqual(['7 dependency-kind warning']);
    expect(messages[0]).toContain('"related"');
    expect(read(`${HEAD}dependencies[2]{id,kind}:\n  A-1,related\n  A-2,blocks\n`).findings).toEqual([]);
  });

  it('leaves a table without such a column, and texts that only look like one, as they were', () => {
    expect(read(`${HEAD}dependencies:\n  required[2]{task,title}:\n    A-1,blocks\n    A-2,related\n`).required).toBe(
      'A-1 A-2',
    );
    expect(read(`${HEAD}dependencies:\n required[2]:\n  A-1 (blocks: much)\n  Note: type: x\n`).required).toBe('A-1 -');
  });
});

const NAMES = ['depends_on', 'blocked_by', 'requires', 'needs', 'dependsOn', 'blockedBy', 'depends-on'];

describe('other names for required', () => {
  for (const name of NAMES) {
    it.each([
      ['inline', (key: string, pad: string) => `${pad}${key}[2]: A-1,A-2 (remark)\n`],
      ['as a list', (key: string, pad: string) => `${pad}${key}[2]:\n${pad}  - A-1\n${pad}  - A-2 (remark)\n`],
      ['as bare lines', (key: string, pad: string) => `${pad}${key}[2]:\n${pad} A-1: remark\n${pad} A-2\n`],
      ['as keys with remarks', (key: string, pad: string) => `${pad}${key}:\n${pad} A-1: remark\n${pad} A-2: x\n`],
      ['as a table', (key: string, pad: string) => `${pad}${key}[2]{id,title}:\n${pad}  A-1,x\n${pad}  A-2,y\n`],
      ['as JSON', (key: string, pad: string) => `${pad}${key}: ["A-1", "A-2"]\n`],
      ['as a value', (key: string, pad: string) => `${pad}${key}: A-1, A-2\n`],
    ])(`gate as it does: ${name} %s`, (_, list) => {
      const found = (place: string) => [
        `${place}${name} is read as dependencies.required (the usual name is dependencies.required)`,
      ];
      const top = read(HEAD + list(name, ''));
      expect(top).toMatchObject({ required: 'A-1 A-2', messages: found('') });
      expect(top.findings).toEqual(['5 other-dependency-name note']);
      expect(read(HEAD + list(name, '  '))).toMatchObject({ required: 'A-1 A-2', messages: found('task.') });
      const inside = read(`${HEAD}dependencies:\n${list(name, '  ')}`);
      expect(inside).toMatchObject({ required: 'A-1 A-2', messages: found('dependencies.') });
      const inTask = read(`${HEAD}  dependencies:\n${list(name, '    ')}`);
      expect(inTask).toMatchObject({ required: 'A-1 A-2', messages: found('task.dependencies.') });
    });
  }

  it('add to it, and say a thing once', () => {
    const text = `${HEAD}  needs[2]: A-1,A-3\ndependencies:\n  required[2]: A-1,A-2\n  blocks[1]: A-9\nblocked_by[2]: A-3,A-4\n`;
    expect(read(text)).toMatchObject({ required: 'A-1 A-2 A-3 A-4', blocks: 'A-9' });
    expect(read(text).findings).toEqual(['5 other-dependency-name note', '9 other-dependency-name note']);
  });

  it('leave blocks what they are, at the top and in the task', () => {
    for (const [open, close] of [
      ['dependencies:\n', ''],
      ['  dependencies:\n  ', '  '],
    ]) {
      const text = `${HEAD}${open}  required[1]: A-1\n${close}  blocks[2]: A-8,A-9\n${close}  needs[1]: A-2\n`;
      expect(read(text)).toMatchObject({ required: 'A-1 A-2', blocks: 'A-8 A-9' });
    }
  });

  it('are read in a file of the largest size, in one line and in as many lists as fit', () => {
    const line = Array.from({ length: 120_000 }, (_, n) => `A-${n}`).join(',');
    expect(read(`${HEAD}depends_on[120000]: ${line}\n`).required.length).toBe(line.length);
    const lists = Array.from({ length: 60_000 }, (_, n) => `needs: A-${n % 1000}`).join('\n');
    expect(read(`${HEAD}${lists}\n`).required.split(' ')).toHaveLength(1000);
  });

  it('gate in dotted keys, in flat files and as required outside of dependencies', () => {
    expect(read('task.id: T-1\ntask.title: t\ntask.depends_on[1]: A-1\n').required).toBe('A-1');
    expect(read(`${HEAD}dependencies.blocked_by[1]: A-1\n`).required).toBe('A-1');
    expect(read('id: T-1\ntitle: t\nstatus: ready\nneeds: A-1\n').required).toBe('A-1');
    expect(read(`${HEAD}required[1]: A-1\n`).required).toBe('A-1');
  });

  it.each([
    ['requires:\n  node: ">= 20"\n  disk: 10GB\n'],
    ['needs:\n  gpu: true\n'],
    ['required: true\n'],
    ['needs[0]:\n'],
    ['context:\n  depends_on[1]: A-1\n'],
    ['metadata:\n  needs: review\n'],
  ])('do not gate where they are something else: %j', (body) => {
    expect(read(HEAD + body)).toMatchObject({ required: '', findings: [] });
  });

  it('are no mistake where they say that there is nothing', () => {
    expect(read(`${HEAD}depends_on: none\n`)).toMatchObject({ required: '-', findings: [] });
  });

  it('that name the task itself, or no task at all, are the defects that they are in required', () => {
    expect(read(`${HEAD}depends_on[2]: T-1,Note: see below\n`).findings).toEqual([
      '5 self-dependency error',
      '5 dependency-without-id warning',
      '5 other-dependency-name note',
    ]);
  });
});

describe('whatever lists there are', () => {
  const id = fc.integer({ min: 2, max: 12 }).map((number) => `A-${number}`);
  const gating = ['required', 'requires', 'blocked_by', 'depends_on', 'needs', 'Blocked By', 'dependsOn', 'NEEDS', ''];
  const kind = fc.constantFrom(...gating, 'blocks', 'Blocks', 'related', 'parent', 'x y');
  const rows = fc.array(fc.record({ id, kind }), { minLength: 1, maxLength: 5 });
  const lists = fc.record(
    {
      required: fc.array(id, { minLength: 1, maxLength: 4 }),
      kinds: rows,
      inTask: fc.tuple(fc.constantFrom(...NAMES), fc.array(id, { minLength: 1, maxLength: 4 })),
      top: fc.tuple(fc.constantFrom(...NAMES), rows),
    },
    { requiredKeys: [] },
  );
  const claim = { claimedBy: 'a', claimedAt: '2025-06-01T10:00:00Z', lastHeartbeat: '2025-06-01T10:00:00Z' };

  function documentOf({
    required,
    kinds,
    inTask,
    top,
  }: Partial<typeof lists extends fc.Arbitrary<infer T> ? T : never>) {
    return {
      task: { id: 'T-1', title: 't', status: 'ready', ...(inTask ? { [inTask[0]]: inTask[1] } : {}) },
      ...(required || !kinds ? {} : { dependencies: kinds }),
      ...(required ? { dependencies: { required, blocks: [], ...(kinds ? { depends_on: kinds } : {}) } } : {}),
      ...(top ? { [top[0]]: top[1] } : {}),
    };
  }

  /** As the contract has it, by hand. */
  function wanted({ required = [], kinds = [], inTask, top }: Parameters<typeof documentOf>[0]): string[] {
    const isGate = (row: { kind: string }) => gating.includes(row.kind);
    const all = [
      ...required,
      ...kinds.filter(isGate).map((row) => row.id),
      ...(inTask?.[1] ?? []),
      ...(top?.[1].filter(isGate).map((row) => row.id) ?? []),
    ];
    return [...new Set(all)].sort();
  }

  it('the task waits for what the lists that gate name, in canonical TOON and in the dialect', () => {
    fc.assert(
      fc.property(lists, fc.boolean(), (given, isDialect) => {
        const canonical = encodeTask(documentOf(given));
        const text = isDialect
          ? canonical.replace(/^( +)/gm, (pad) => ' '.repeat(pad.length / 2)).replace(/^( *)- /gm, '$1')
          : canonical;
        const bytes = Buffer.from(text);
        const reading = readTask(bytes, WHERE);
        expect(reading.kind === 'read' && [...new Set(reading.task.required.map((entry) => entry.id))].sort()).toEqual(
          wanted(given),
        );
        const claimed = editTask(
          bytes,
          [{ kind: 'append-claim', claim: { ...claim, attempt: 1, claimId: 'c' } }],
          WHERE,
        );
        const again = readTask(claimed, WHERE);
        expect(again.kind === 'read' && again.task.required).toEqual(reading.kind === 'read' && reading.task.required);
        expect(Buffer.from(editTask(claimed, [{ kind: 'remove-claim' }], WHERE)).toString()).toBe(text);
      }),
      { numRuns: sized(400, 133) },
    );
  });

  it('rows of every form mean the same', () => {
    fc.assert(
      fc.property(rows, (given) => {
        const reference = given
          .filter((row) => gating.includes(row.kind))
          .map((row) => row.id)
          .join(' ');
        const objects = given.map((row) => `  - id: ${row.id}\n    kind: ${row.kind}\n`).join('');
        for (const body of [
          `${encode({ dependencies: given })}\n`,
          `${encode({ dependencies: given }, { delimiter: '|' })}\n`,
          `dependencies[${given.length}]:\n${objects}`,
          `dependencies: ${JSON.stringify(given)}\n`,
        ]) {
          expect(read(HEAD + body).required, body).toBe(reference);
        }
      }),
      { numRuns: sized(300, 100) },
    );
  });
});
