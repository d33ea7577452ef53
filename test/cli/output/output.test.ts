import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as showing from '../../../src/cli/commands/show/render.ts';
import type { ShowResult } from '../../../src/cli/commands/show/result.ts';
import { renderFailure } from '../../../src/cli/output/document.ts';
import { exitCodeOf } from '../../../src/cli/output/exit-codes.ts';
import { createLog, type Log, type LogOptions } from '../../../src/cli/output/log.ts';
import { sanitizeJson, sanitizeLine, sanitizeText } from '../../../src/cli/output/sanitize.ts';
import { PLAIN } from '../../../src/cli/output/style.ts';
import { cutToWidth, displayWidth, formatTable } from '../../../src/cli/output/table.ts';
import { Failure, type FailureCode } from '../../../src/domain/base/failure.ts';

const TEXT = { answer: 'text', isTerminal: false, columns: undefined, style: PLAIN } as const;
const JSON_ANSWER = { ...TEXT, answer: 'json' } as const;
const TERMINAL = { ...TEXT, isTerminal: true, columns: 60 } as const;

/** What must never reach a terminal. */
const DANGEROUS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/;

describe('sanitising', () => {
  it.each([
    ['\u001b[31mred\u001b[0m', '\\x1b[31mred\\x1b[0m'],
    ['a\nb\tc\r', 'a\\nb\\tc\\r'],
    ['\u009b2J', '\\x9b2J'],
    ['abc\u202edcba', 'abc\\u202edcba'],
    ['\u{e0041}', '\\u{e0041}'],
    ['\ud800', '\\ud800'],
    ['漢字 👩‍💻 é', '漢字 👩‍💻 é'],
  ])('shows %j as %s', (text, shown) => {
    expect(sanitizeLine(text)).toBe(shown);
  });

  it('leaves lines and tabs of a text alone', () => {
    expect(sanitizeText('a:\r\n\tb\u0007\n')).toBe('a:\n\tb\\x07\n');
  });

  it('lets nothing dangerous through, and JSON keeps its value', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(sanitizeLine(text)).not.toMatch(/[\n\t]/);
        expect(sanitizeLine(text)).not.toMatch(DANGEROUS);
        expect(sanitizeText(text)).not.toMatch(DANGEROUS);
        const json = sanitizeJson(JSON.stringify({ text }));
        expect(json).not.toMatch(DANGEROUS);
        expect(JSON.parse(json)).toEqual({ text });
      }),
    );
  });
});

describe('tables', () => {
  it('align by what terminals draw', () => {
    const lines = formatTable(
      [
        { title: 'A', align: 'left' },
        { title: 'N', align: 'right' },
        { title: 'B', align: 'left' },
      ],
      [
        ['漢字', '1', 'wide'],
        ['abc', '100', 'x\ny'],
      ],
      undefined,
    );
    expect(lines).toEqual(['A       N  B', '漢字    1  wide', 'abc   100  x\\ny']);
  });

  it.each([
    ['abc', 3],
    ['漢字', 4],
    ['e\u0301', 1],
    ['👍', 2],
  ])('%j is %d columns wide', (text, width) => {
    expect(displayWidth(text)).toBe(width);
  });

  it('cut to the terminal', () => {
    expect(cutToWidth('abcdef', 4)).toBe('abc…');
    expect(cutToWidth('漢字漢字', 4)).toBe('漢…');
    expect(cutToWidth('abcd', 4)).toBe('abcd');
  });
});

const SHOW: ShowResult = {
  project: 'auth',
  task: 'TASK-1',
  path: '.agents/auth/tasks/TASK-1.toon',
  branch: 'develop',
  remote: null,
  tip: 'abc',
  model: null,
  bytes: new TextEncoder().encode('title: \u001b[31mred\r\n'),
};

describe('answers', () => {
  it('of show are the very bytes, but harmless on a terminal', () => {
    expect(showing.render(SHOW, TEXT)).toBe(SHOW.bytes);
    expect(showing.render(SHOW, TERMINAL)).toBe('title: \\x1b[31mred\n');
  });

  it('that are failures are one JSON document, whose code details cannot replace', () => {
    const failure = new Failure('not-owner', 'not yours', { hint: 'stop', details: { task: 'auth/T-1', code: 'x' } });
    expect(JSON.parse(renderFailure(failure, JSON_ANSWER))).toEqual({
      error: { code: 'not-owner', message: 'not yours', hint: 'stop', task: 'auth/T-1' },
    });
  });
});

describe('exit codes', () => {
  it.each<[FailureCode, number]>([
    ['nothing-claimable', 1],
    ['retries-exhausted', 2],
    ['timed-out', 2],
    ['not-owner', 3],
    ['claim-lost', 3],
    ['unknown-task', 3],
    ['remote-unreachable', 4],
    ['remote-refused', 4],
    ['remote-damaged', 4],
    ['not-a-repository', 5],
    ['machine-unusable', 5],
    ['repository-damaged', 5],
    ['config-invalid', 5],
    ['task-in-two-states', 5],
    ['internal', 5],
    ['command-failed', 6],
    ['usage', 64],
    ['ambiguous-task', 64],
    ['agent-in-use', 64],
  ])('%s is %d', (code, exit) => {
    expect(exitCodeOf(new Failure(code, 'x'))).toBe(exit);
  });

  it('of an interruption say which signal it was', () => {
    expect(exitCodeOf(new Failure('interrupted', 'x', { details: { signal: 'SIGTERM' } }))).toBe(143);
    expect(exitCodeOf(new Failure('interrupted', 'x', { details: { signal: 'SIGINT' } }))).toBe(130);
  });
});

describe('the log', () => {
  function logged(options: Partial<LogOptions>, use: (log: ReturnType<typeof createLog>) => void): string {
    let text = '';
    const stderr = {
      isTerminal: false,
      columns: undefined,
      write(chunk: string | Uint8Array) {
        text += String(chunk);
      },
    };
    const clock = { now: () => Date.UTC(2025, 0, 2, 3, 4, 5, 678) };
    use(createLog({ stderr, clock, agent: 'a1', level: 'info', format: 'text', style: PLAIN, ...options }));
    return text;
  }

  it('has the time and the agent in front of each line', () => {
    const text = logged({}, (log) => {
      log.info('claimed auth/TASK-1');
      log.warning('odd\nthing');
      log.error('bad');
      log.debug('not shown');
    });
    expect(text.split('\n')).toEqual([
      '[2025-01-02T03:04:05Z] [a1] claimed auth/TASK-1',
      '[2025-01-02T03:04:05Z] [a1] warning: odd\\nthing',
      '[2025-01-02T03:04:05Z] [a1] error: bad',
      '',
    ]);
  });

  it('is one object a line for machines', () => {
    const text = logged({ format: 'json' }, (log) =>
      log.event({
        kind: 'retrying',
        attempt: 2,
        delayMs: 120,
        baseMs: 250,
        rate: 0.5,
        reason: 'somebody else was first',
      }),
    );
    expect(JSON.parse(text)).toEqual({
      time: '2025-01-02T03:04:05Z',
      level: 'info',
      agent: 'a1',
      message: 'somebody else was first; attempt 2 in 120ms (50% of pushes rejected lately, base 250 ms)',
      event: 'engine.retrying',
      attempt: 2,
      delayMs: 120,
      baseMs: 250,
      rate: 0.5,
      reason: 'somebody else was first',
    });
  });

  it('tells of no rejected pushes where nothing was pushed', () => {
    const reason = 'remote origin cannot be reached: no route to host';
    const text = logged({}, (log) => log.event({ kind: 'retrying', attempt: 2, delayMs: 120, baseMs: 250, reason }));
    expect(text).toBe(`[2025-01-02T03:04:05Z] [a1] ${reason}; attempt 2 in 120ms (base 250 ms)\n`);
  });

  it('says the words of a remote that is away once, and of each further try a short line', () => {
    const event = { kind: 'retrying', delayMs: 120, baseMs: 250, reason: "origin is away: can't 'https://x'" } as const;
    const both = (log: Log): void => {
      for (const attempt of [2, 3]) log.event({ ...event, attempt });
    };
    const [first = '', second] = logged({}, both).split('\n');
    expect(first).toContain(event.reason);
    expect(second).toBe('[2025-01-02T03:04:05Z] [a1] origin is away; attempt 3 in 120ms');
    expect(JSON.parse(logged({ format: 'json' }, both).split('\n')[1] ?? '').message).toContain(event.reason);
  });

  it('warns of an unreadable file once', () => {
    const event = { kind: 'unreadable-task', file: 'a/T-1.toon', line: 3, message: 'no key' } as const;
    expect(
      logged({}, (log) => {
        log.event(event);
        log.event(event);
      }),
    ).toBe('[2025-01-02T03:04:05Z] [a1] warning: a/T-1.toon:3: no key\n');
  });

  it('is silent about anything but errors with -q', () => {
    const text = logged({ level: 'error' }, (log) => {
      log.info('x');
      log.warning('y');
      log.error('z');
    });
    expect(text).toBe('[2025-01-02T03:04:05Z] [a1] error: z\n');
  });
});
