import { describe, expect, it } from 'vitest';
import { finished } from '../../../../src/cli/command/declaration.ts';
import * as listing from '../../../../src/cli/commands/list/render.ts';
import type { ListedTask, ListResult } from '../../../../src/cli/commands/list/result.ts';
import type { Rendering } from '../../../../src/cli/output/rendering.ts';
import { PLAIN, styleFor } from '../../../../src/cli/output/style.ts';
import { displayWidth } from '../../../../src/cli/output/table.ts';

const TEXT = { answer: 'text', isTerminal: false, columns: undefined, style: PLAIN } as const;
const JSON_ANSWER = { ...TEXT, answer: 'json' } as const;
const TERMINAL = { ...TEXT, isTerminal: true, columns: 60 } as const;

const TASK: ListedTask = {
  project: 'auth',
  task: 'TASK-1',
  title: 'Sign in \u001b[31mnow',
  priority: 8,
  type: 'backend',
  state: 'claimed',
  status: 'ready',
  labels: {},
  requires: [],
  waitingFor: [],
  claim: {
    agent: 'agent-1',
    claimId: 'c1',
    claimedAt: '2025-01-01T00:00:00Z',
    lastHeartbeat: '2025-01-01T00:00:00Z',
    attempt: 1,
  },
  completion: null,
  failures: 0,
  stalls: 0,
  notes: [],
  questions: [],
  path: '.agents/auth/claimed/TASK-1.toon',
  problem: null,
  lastFailure: null,
  owner: 'agent-1',
  claimId: 'c1',
  lastHeartbeat: '2025-01-01T00:00:00Z',
  blockedReason: null,
  heldBackBy: null,
  heartbeatAgeMs: 125_000,
};
const LIST: ListResult = {
  branch: 'develop',
  remote: 'origin',
  tip: 'abc',
  tasks: [TASK],
  completedLeftOut: 0,
  cancelledLeftOut: 0,
  presentation: { now: Date.UTC(2025, 0, 1, 3), stalled: new Set(), why: new Map(), machines: new Map() },
};
describe('the answer of list', () => {
  it('is a table', () => {
    expect(listing.render(LIST, TEXT)).toBe(
      [
        'TASK         PRIORITY  TYPE     STATUS   OWNER    SINCE  HEARTBEAT  TITLE',
        'auth/TASK-1         8  backend  claimed  agent-1     3h         2m  Sign in \\x1b[31mnow',
        '',
      ].join('\n'),
    );
    expect(listing.render({ ...LIST, tasks: [] }, TEXT)).toBe('');
  });

  it('says what tasks wait for, in the place of who works on them where nobody does', () => {
    const waiting: ListResult['tasks'][number] = {
      ...TASK,
      state: 'waiting',
      owner: null,
      heartbeatAgeMs: null,
      waitingFor: ['TASK-2', 'TASK-3', 'TASK-4', 'TASK-5'],
    };
    const [head, line] = String(listing.render({ ...LIST, tasks: [waiting] }, TEXT)).split('\n');
    expect(head).toBe('TASK         PRIORITY  TYPE     STATUS   WAITS FOR                          TITLE');
    expect(line).toContain('waiting  TASK-2, TASK-3, TASK-4 and 1 more  Sign in');
    expect(String(listing.render({ ...LIST, tasks: [TASK, waiting] }, TEXT))).toMatch(/OWNER.*HEARTBEAT.*WAITS FOR/);
  });

  it('loses its lesser columns on a narrow terminal, and keeps what a title begins with', () => {
    const presentation = { ...LIST.presentation, machines: new Map([['agent-1', 'build-7']]) };
    const tasks = [{ ...TASK, title: 'Sign in with a passkey, or with what people have' }];
    const heads = [104, 84, 66, 40].map((columns) => {
      const [head = '', line = ''] = String(
        listing.render({ ...LIST, tasks, presentation }, { ...TERMINAL, columns }),
      ).split('\n');
      expect(displayWidth(line)).toBeLessThanOrEqual(columns);
      expect(line).toMatch(/Sign in .*…$/);
      return head.split(/ +/).join(' ');
    });
    expect(heads).toEqual([
      'TASK PRIORITY TYPE STATUS OWNER SINCE HEARTBEAT MACHINE TITLE',
      'TASK PRIORITY STATUS OWNER SINCE HEARTBEAT TITLE',
      'TASK STATUS OWNER HEARTBEAT TITLE',
      'TASK STATUS TITLE',
    ]);
  });

  it('colours the state, and dims what is over', () => {
    const coloured: Rendering = {
      ...TERMINAL,
      columns: 200,
      style: styleFor({ isTerminal: true, columns: 200, write: () => undefined }, {}, 'auto'),
    };
    const states = ['claimed', 'ready', 'waiting', 'asking', 'completed'] as const;
    const tasks = [...states.map((state) => ({ ...TASK, state })), { ...TASK, task: 'TASK-2', project: '漢字' }];
    const presentation = { ...LIST.presentation, stalled: new Set(['漢字/TASK-2']) };
    const lines = String(listing.render({ ...LIST, tasks, presentation }, coloured))
      .split('\n')
      .slice(1);
    const codes = lines.map((line) =>
      [...line.matchAll(/\u001b\[(\d+)m([a-z]*)/g)].map(([, code, text]) => `${code}${text}`),
    );
    expect(codes).toEqual([
      ['36claimed', '39'],
      ['32ready', '39'],
      [],
      ['33asking', '39'],
      ['2auth', '22'],
      ['31claimed', '39'],
      [],
    ]);
  });

  it('says what a task asks, as it says why one is blocked', () => {
    const blocked = { ...TASK, task: 'TASK-2', state: 'blocked' as const, blockedReason: 'no key' };
    const tasks = [{ ...TASK, state: 'asking' as const }, blocked];
    const presentation = { ...LIST.presentation, why: new Map([['auth/TASK-1', 'Which cream?']]) };
    const [, asks, waits] = String(listing.render({ ...LIST, tasks, presentation }, TEXT)).split('\n');
    expect(asks).toContain('  Which cream?  Sign in');
    expect(waits).toContain('  no key        Sign in');
  });

  it('is one JSON document without what is only for us', () => {
    const document = JSON.parse(String(finished(LIST, listing).render(JSON_ANSWER)));
    expect(document).toEqual({
      branch: 'develop',
      remote: 'origin',
      tip: 'abc',
      tasks: [TASK],
      completedLeftOut: 0,
      cancelledLeftOut: 0,
    });
  });

  it('fits a terminal', () => {
    for (const line of String(listing.render(LIST, TERMINAL)).split('\n'))
      expect(displayWidth(line)).toBeLessThanOrEqual(60);
  });
});
