import { type DecodeOptions, decode, encode } from '@toon-format/toon';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseDependencyEntries } from '../../../src/domain/queue/dependency-entry.ts';
import type { Task } from '../../../src/domain/queue/task.ts';
import { readTask } from '../../../src/store/codec/read-task.ts';
import { encodeTask } from '../../../src/store/codec/write-task.ts';
import {
  canonicalTaskFile,
  damagedTaskFile,
  dialectTaskFile,
  type TaskFileSample,
  taskFile,
} from '../../kit/queues/task-files.ts';
import { sized } from '../../kit/sample.ts';

const WHERE = { path: 'p/tasks/T-1.toon', project: 'p', id: 'T-1' };

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function shownBy(task: Task): unknown {
  return {
    id: task.declaredId,
    title: task.title,
    type: task.type,
    priority: task.priority,
    status: task.status,
    details: task.details,
    criteria: task.acceptanceCriteria,
    required: task.required.map((entry) => entry.id),
    blocks: task.blocks.map((entry) => entry.id),
  };
}

function wanted({ expected }: TaskFileSample): unknown {
  const { id, title, type, priority, status, details, criteria, required, blocks } = expected;
  return { id, title, type, priority, status, details, criteria, required, blocks };
}

describe('reading', () => {
  for (const [notation, files] of [
    ['canonical TOON', canonicalTaskFile],
    ['the dialect', dialectTaskFile],
  ] as const) {
    it(`finds everything that was put into ${notation}`, () => {
      fc.assert(
        fc.property(files, (file) => {
          const reading = readTask(file.bytes, file.where);
          expect(reading.kind === 'read' && shownBy(reading.task)).toEqual(wanted(file));
        }),
        { numRuns: sized(300, 100) },
      );
    });
  }

  it('never throws, and never reads differently a second time, whatever the bytes', () => {
    const anyBytes = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.string({ unit: 'binary' }).map(bytesOf),
      fc
        .array(
          fc.constantFrom(
            'task:',
            ' id: a',
            '  - x',
            'k[2]:',
            'k: |',
            '\t\t',
            '"',
            '# c',
            'a,b',
            '\uFEFF',
            'required[1]:',
          ),
        )
        .map((lines) => bytesOf(lines.join('\n'))),
      damagedTaskFile.map((file) => file.bytes),
    );
    fc.assert(
      fc.property(anyBytes, (bytes) => {
        const reading = readTask(bytes, WHERE);
        expect(reading.kind === 'unreadable' ? reading.message : '').not.toContain('cannot be read:');
        expect(readTask(bytes, WHERE)).toEqual(reading);
      }),
      { numRuns: sized(1000, 333) },
    );
  });

  it('gives only findings with a line inside the file', () => {
    fc.assert(
      fc.property(damagedTaskFile, (file) => {
        const reading = readTask(file.bytes, file.where);
        const lines = file.text.split('\n').length;
        for (const finding of reading.kind === 'read' ? reading.findings : []) {
          expect(finding.file).toBe(file.where.path);
          if (finding.line !== undefined) expect(finding.line).toBeGreaterThan(0);
          if (finding.line !== undefined) expect(finding.line).toBeLessThanOrEqual(lines);
        }
      }),
    );
  });
});

describe('what the TOON library decodes strictly', () => {
  /** The library's word on the fields that agentq uses, as far as they are of the simple shape it can judge. */
  function judged(text: string, options: DecodeOptions): Record<string, unknown> | undefined {
    try {
      const value = decode(text, options);
      return isMap(value) && isMap(value.task) && Object.keys(value.task).length > 0 ? value : undefined;
    } catch {
      return undefined;
    }
  }

  function compare(text: string, options: DecodeOptions): void {
    const value = judged(text, options);
    fc.pre(value !== undefined);
    const reading = readTask(bytesOf(text), WHERE);
    expect(reading.kind).toBe('read');
    if (reading.kind !== 'read' || value === undefined) return;
    const { task } = reading;
    const said = isMap(value.task) ? value.task : {};
    for (const [key, read] of [
      ['id', task.declaredId],
      ['title', task.title],
      ['type', task.type],
    ] as const) {
      const word = said[key];
      // A tab at the end of a value is the editor's: it is not part of a title or an id.
      if (typeof word === 'string' && word.trim() === word && word !== '' && !/[|>\n#]/.test(word))
        expect(read).toBe(word);
      if (typeof word === 'number') expect(Number(read)).toBe(word);
    }
    if (typeof said.priority === 'number') expect(task.priority).toBe(said.priority);
    const criteria = value.acceptance_criteria;
    if (Array.isArray(criteria) && criteria.every((item) => typeof item === 'string' && !item.includes('\t'))) {
      expect(task.acceptanceCriteria).toEqual(criteria);
    }
    const required = isMap(value.dependencies) ? value.dependencies.required : undefined;
    if (Array.isArray(required) && required.every((item) => typeof item === 'string' && !item.includes('\t'))) {
      const ids = required.flatMap((item) => parseDependencyEntries(item, 1, WHERE.project).map((entry) => entry.id));
      expect(task.required.map((entry) => entry.id)).toEqual(ids);
    }
  }

  it('is read alike, also after damage that leaves it strict', () => {
    const strict = fc.oneof(
      canonicalTaskFile,
      damagedTaskFile.filter((file) => file.notation === 'canonical'),
    );
    fc.assert(
      fc.property(strict, (file) => compare(file.text, {})),
      { numRuns: sized(700, 233) },
    );
  });

  it('is read alike in other indentation, and with lists of any form', () => {
    const item = fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 12 }).filter((text) => !/[|>\n\r\t]/.test(text)),
      fc.constantFrom('- a', 'a: b', '"x"', '1.50', 'true', 'null', '', '[]', '#1', 'a, b'),
    );
    const list = fc.array(item, { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(
        list,
        item,
        fc.constantFrom(1, 2, 3, 4),
        fc.constantFrom<(',' | '|' | '\t')[]>(',', '|', '\t'),
        (items, title, indentSize, delimiter) => {
          const value = {
            task: { id: 'T-1', title, priority: 3 },
            acceptance_criteria: items,
            dependencies: { required: items, extra: [{ required: 1 }, ['x'], 2] },
          };
          compare(encode(value, { indentSize, delimiter }), { indentSize });
          const dashes = items.map((each) => `    - ${encode({ k: each }).slice(3)}`).join('\n');
          compare(
            `task:\n  title: x\n# a comment\n  priority: 2\ndependencies:\n  required[${items.length}]:\n${dashes}\n`,
            {},
          );
        },
      ),
      { numRuns: sized(300, 100) },
    );
  });
});

describe('encodeTask', () => {
  it('writes canonical TOON that reads back', () => {
    fc.assert(
      fc.property(taskFile, ({ expected, where }) => {
        const text = encodeTask({
          task: {
            ...expected,
            criteria: undefined,
            details: undefined,
            required: undefined,
            blocks: undefined,
            project: where.project,
          },
          description: { details: expected.details },
          acceptance_criteria: expected.criteria,
          dependencies: { required: expected.required, blocks: expected.blocks },
        });
        expect(text.endsWith('\n') && !text.endsWith('\n\n')).toBe(true);
        expect(() => decode(text)).not.toThrow();
        const reading = readTask(bytesOf(text), where);
        // Generated tasks may happen to require themselves.
        const codes = reading.kind === 'read' ? reading.findings.map((finding) => finding.code) : [];
        expect(codes.filter((code) => code !== 'self-dependency')).toEqual(
          expected.status === undefined ? ['missing-status'] : [],
        );
        expect(reading.kind === 'read' && shownBy(reading.task)).toEqual({
          ...expected,
          project: undefined,
          summary: undefined,
          files: undefined,
        });
      }),
    );
  });

  it('never folds the sections into one table', () => {
    const text = encodeTask({ task: { id: 'T-1', title: 'a' }, description: { id: 'x', title: 'b' } });
    expect(text).toBe('task:\n  id: T-1\n  title: a\ndescription:\n  id: x\n  title: b\n');
  });
});

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
