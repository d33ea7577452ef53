import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createTrace, type Trace, type TraceTarget } from '../../../src/cli/output/trace.ts';

interface Span {
  readonly name: string;
  readonly ph: string;
  readonly ts: number;
  readonly dur?: number;
  readonly tid: number;
  readonly args?: Record<string, unknown>;
}

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'agentq-trace-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A trace in virtual time. */
function traced(target: TraceTarget) {
  let now = 1000;
  const lines: string[] = [];
  const warnings: string[] = [];
  const log = { trace: (line: string) => lines.push(line), warning: (line: string) => warnings.push(line) };
  const trace = createTrace({ target, command: 'claim', clock: { now: () => now }, log });
  const process = (name: string) => {
    let resolve = (): void => undefined;
    const promise = new Promise<void>((done) => {
      resolve = done;
    });
    trace.gitProcess(name, promise);
    return async (): Promise<void> => {
      resolve();
      await promise;
      await Promise.resolve();
    };
  };
  return { trace, process, lines, warnings, pass: (ms: number) => (now += ms) };
}

function spansIn(path: string): readonly Span[] {
  return JSON.parse(readFileSync(path, 'utf8')).traceEvents.filter(({ ph }: Span) => ph !== 'M');
}

/** What a command does. */
async function story({ trace, process, pass }: ReturnType<typeof traced>): Promise<Trace> {
  const first = process('config');
  pass(10);
  const second = process('ls-remote');
  pass(5);
  await first();
  trace.event({ kind: 'git-process', command: 'ls-remote' });
  trace.event({ kind: 'looked', tip: 'abc', elapsedMs: 15 });
  process('cat-file');
  pass(20);
  await second();
  trace.event({ kind: 'rejected', attempt: 1, words: 'another was first' });
  trace.event({ kind: 'retrying', attempt: 2, delayMs: 30, baseMs: 250, reason: 'another was first' });
  pass(30);
  trace.gitProcess('gc', undefined);
  return trace;
}

describe('a trace', () => {
  it('has every process, step, wait and moment in a file for a browser, each where and as long as it was', async () => {
    const path = join(folder, 't.json');
    const told = traced({ kind: 'file', path });
    (await story(told)).finish(0);
    const shown = spansIn(path).map(({ name, ph, ts, dur, tid }) => `${name} ${ph} ${ts}+${dur ?? '-'} lane ${tid}`);
    expect(shown).toEqual([
      'git config X 0+15000 lane 3',
      'looked X 0+15000 lane 2',
      'git ls-remote X 10000+25000 lane 4',
      'rejected i 35000+- lane 2',
      'backoff X 35000+30000 lane 2',
      // It still ran at the end.
      'git cat-file X 15000+50000 lane 3',
      'agentq claim X 0+65000 lane 1',
    ]);
    expect(told.lines).toEqual([]);
  });

  it('never shows two processes over each other', async () => {
    const path = join(folder, 't.json');
    const { trace, process, pass } = traced({ kind: 'file', path });
    const ends: (() => Promise<void>)[] = [];
    for (let at = 0; at < 40; at++) {
      ends.push(process(`p${at}`));
      pass(1 + (at % 3));
      if (at % 2 === 1) await ends.splice((at * 7) % ends.length, 1)[0]?.();
    }
    trace.finish(0);
    const spans = spansIn(path).filter(({ tid }) => tid >= 3);
    expect(spans).toHaveLength(40);
    for (const one of spans) {
      const over = spans.filter((other) => {
        const isLater = other.ts >= one.ts + (one.dur ?? 0) || one.ts >= other.ts + (other.dur ?? 0);
        return other !== one && other.tid === one.tid && !isLater;
      });
      expect(over).toEqual([]);
    }
  });

  it('is lines with the time since the beginning, as it happens', async () => {
    const told = traced({ kind: 'lines' });
    (await story(told)).finish(2);
    expect(told.lines).toEqual([
      '+15 ms  git config (15 ms)',
      '+15 ms  the branch is at abc (15 ms)',
      '+35 ms  git ls-remote (25 ms)',
      '+35 ms  another push was first (attempt 1): another was first',
      expect.stringMatching(/^\+35 ms {2}another was first; attempt 2 in 30ms/),
      '+65 ms  git gc starts, and nobody waits for it',
      '+65 ms  git cat-file (50 ms)',
      '+65 ms  agentq claim ends with exit 2',
    ]);
  });

  it('that cannot be written is a warning, and changes nothing else', async () => {
    const told = traced({ kind: 'file', path: join(folder, 'absent', 't.json') });
    (await story(told)).finish(0);
    expect(told.warnings).toEqual([expect.stringMatching(/^the trace could not be written: ENOENT/)]);
  });
});
