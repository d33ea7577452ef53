import { decode } from '@toon-format/toon';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { documentOf } from '../../../src/domain/adding/compose.ts';
import { Failure } from '../../../src/domain/base/failure.ts';
import { given } from '../../../src/domain/base/given.ts';
import { locationOf } from '../../../src/domain/queue/layouts.ts';
import { readTask } from '../../../src/store/codec/read-task.ts';
import { encodeTask } from '../../../src/store/codec/write-task.ts';
import { readPlan } from '../../../src/store/input/read-plan.ts';
import { sized } from '../../kit/sample.ts';

const KEY = { project: 'p', id: 'T-1' };

interface Found {
  readonly summary: string | undefined;
  readonly details: string | undefined;
  readonly criteria: readonly string[];
}

/** What comes out of the file that `add` writes: by our reader, and by the library. */
function written(input: string, name: string): { ours: Found; library: Found; text: string } {
  const [task] = readPlan(Buffer.from(input), name).tasks;
  if (task === undefined) throw new Error('no task');
  const linked = { task, key: KEY, location: locationOf('agents', 'p'), required: [], blocks: [], needs: [] };
  const text = encodeTask(documentOf(linked, 'ready', { by: 'x', at: '2025-01-01T00:00:00Z' }));
  const reading = readTask(Buffer.from(text), { path: 'T-1.toon', ...KEY });
  if (reading.kind !== 'read') throw new Error(text);
  expect(reading.findings).toEqual([]);
  const { summary, details, acceptanceCriteria: criteria } = reading.task;
  const value = decode(text) as {
    description?: { summary?: string; details?: string };
    acceptance_criteria?: string[];
  };
  const { description = {}, acceptance_criteria = [] } = value;
  return {
    text,
    ours: { summary, details, criteria },
    library: { summary: description.summary, details: description.details, criteria: acceptance_criteria },
  };
}

const LONG = 'Fix the parser:\n\n- step one\n- step two\n\n```js\nlet a = 1;\n\n  if (a) b();  \n```\n';

describe('a description of several lines', () => {
  it('is a summary and details, and in the file line by line', () => {
    const { ours, library } = written(JSON.stringify({ title: 't', description: LONG }), 'p.json');
    const [first = '', , ...rest] = LONG.split('\n');
    expect(ours).toEqual({ summary: first, details: rest.join('\n'), criteria: [] });
    expect(library).toEqual(ours);
  });

  it.each([
    ['one line is the summary', { description: 'Do it' }, { summary: 'Do it' }],
    ['and a line end is one too', { description: 'Do it\n\n' }, { summary: 'Do it' }],
    [
      'blank lines before the first do not count',
      { description: ' \r\n\r\na\r\n  b' },
      { summary: 'a', details: '  b' },
    ],
    [
      'of many lines beside a summary it is the details',
      { description: 'a\nb', summary: 's' },
      { summary: 's', details: 'a\nb' },
    ],
    ['beside a summary it is the details', { description: 'a', summary: 's' }, { summary: 's', details: 'a' }],
    ['beside details it is the summary', { description: 'a\nb', details: 'd' }, { summary: 'a\nb', details: 'd' }],
    ['a section says itself', { description: { summary: 'a\nb', details: 'c' } }, { summary: 'a\nb', details: 'c' }],
    ['a summary may have lines', { summary: 'line one\nline two' }, { summary: 'line one\nline two' }],
    ['CRLF and CR become LF', { summary: 'a\r\nb\rc', details: 'x\r\n' }, { summary: 'a\nb\nc', details: 'x\n' }],
    ['blank ones are not given', { summary: ' \n', details: '\n', description: '' }, {}],
  ])('%s', (_, given, expected) => {
    const { ours } = written(JSON.stringify({ title: 't', ...given }), 'p.json');
    expect(ours).toEqual({ summary: undefined, details: undefined, criteria: [], ...expected });
  });

  it('has a place in a document too', () => {
    const { ours } = written(JSON.stringify({ task: { title: 't' }, description: 'a\nb' }), 'p.json');
    expect(ours).toMatchObject({ summary: 'a', details: 'b' });
  });

  it('is refused where there is no room for it, and so are lines in a title', () => {
    const refused = (input: object) => expect(() => written(JSON.stringify(input), 'p.json'));
    refused({ title: 't', description: 'a', summary: 'b', details: 'c' }).toThrow(
      'description is given besides summary and details',
    );
    refused({ title: 'a\nb' }).toThrow('title must be one line');
    refused({ title: 't', summary: 'a\u001b[31m' }).toThrow('summary holds a control character');
  });

  it('keeps the line breaks of sections that agentq does not know', () => {
    const { text } = written(JSON.stringify({ task: { title: 't' }, context: { notes: 'a\r\n  b\n' } }), 'p.json');
    expect(decode(text)).toMatchObject({ context: { notes: 'a\n  b\n' } });
  });
});

describe('text with lines', () => {
  const piece = fc.oneof(
    fc.constantFrom(
      '- x',
      'key: value',
      '[3]:',
      'status: ready',
      'claim:',
      '```js',
      '',
      ' ',
      '  deeper',
      '\tx',
      '#',
      '|',
      '>',
      '"',
      '\\n',
      '\\',
      'a  ',
      '- ',
      'x[2]{a,b}: 1',
      '<<<<<<< HEAD',
      'null',
      '"quoted"',
      '1.50',
      ',',
      '🤖',
      '\u2028',
    ),
    fc.string({ unit: 'grapheme', maxLength: 12 }).map((text) => text.replace(/[\p{Cc}\p{Cs}]/gu, ' ')),
  );
  const text = fc
    .array(piece, { minLength: 2, maxLength: 7 })
    .map((lines) => lines.join('\n'))
    .filter((value) => value.trim() !== '');
  const someText = fc.record(
    { summary: text, details: text, criteria: fc.array(text, { maxLength: 3 }) },
    { requiredKeys: [] },
  );

  it('comes out as it went in, by our reader and by the library, from JSON, JSON lines and TOON', () => {
    fc.assert(
      fc.property(
        someText,
        fc.constantFrom('p.json', 'p.jsonl', 'p.toon'),
        ({ summary, details, criteria = [] }, name) => {
          const flat = { title: 't', ...given({ summary, details }), criteria };
          const input =
            name === 'p.toon'
              ? encodeTask({ tasks: [flat, { title: 'another', labels: { a: 1 } }] })
              : JSON.stringify(flat);
          const { ours, library } = written(input, name);
          expect(ours).toEqual({ summary, details, criteria });
          expect(library).toEqual(ours);
        },
      ),
      { numRuns: sized(500, 170) },
    );
  });

  it('of one line comes out too, or is refused by name where no reader would take it for what it is', () => {
    let refused = 0;
    fc.assert(
      fc.property(
        piece.filter((value) => value.trim() !== ''),
        (line) => {
          try {
            expect(written(JSON.stringify({ title: 't', details: line }), 'p.json').ours.details).toBe(line);
          } catch (error) {
            if (!(error instanceof Failure)) throw error;
            refused++;
            expect(error.message).toBe('p.json:1: details would not be read back as it is given');
          }
        },
      ),
      { numRuns: sized(300, 100) },
    );
    expect(refused).toBeLessThan(60);
  });
});
