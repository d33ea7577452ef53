import { describe, expect, it } from 'vitest';
import { parseDependencyEntries, saysNothing } from '../../../src/domain/queue/dependency-entry.ts';

function ids(text: string, project = 'shop'): (string | undefined)[] {
  return parseDependencyEntries(text, 7, project).map((entry) => entry.id);
}

describe('an entry of dependencies', () => {
  it.each([
    ['TASK-001'],
    ['TASK-001 (Local dev environment)'],
    ['TASK-001(Local dev environment)'],
    ['TASK-001 (auth, sessions), for the API'],
    ['TASK-001: the database schema'],
    ['TASK-001; search'],
    ['TASK-001, needs Docker'],
    ['TASK-001, soon'],
    ['TASK-001 - the schema'],
    ['TASK-001 – the schema'],
    ['TASK-001 must be merged'],
    ['TASK-001.'],
    ['TASK-001,'],
    ['TASK-001.toon'],
    ['"TASK-001"'],
    ['"TASK-001 (quoted)"'],
    ['`TASK-001` (in code quotes)'],
    ['**TASK-001**: emphasised'],
    ['- TASK-001'],
    ['1. TASK-001'],
    ['[x] TASK-001'],
    ['(TASK-001)'],
    ['shop/TASK-001'],
    ['shop/TASK-001 (of this very project)'],
    ['id: TASK-001'],
    ['task: TASK-001 (labelled)'],
    ['reason: needs it\nid: TASK-001'],
    ['  TASK-001  '],
  ])('has the id TASK-001 in %j', (text) => {
    expect(ids(text)).toEqual(['TASK-001']);
  });

  it.each([
    ['Note: Only deploy after MVP is built and tested locally'],
    ['All tasks of phase two'],
    ['None'],
    ['none'],
    ['None.'],
    ['-'],
    ['n/a'],
    ['N/A'],
    [''],
    ['[]'],
    ['e.g. the auth service'],
    ['80% of foundation'],
    ['# TASK-009 was dropped'],
    ['(optional)'],
    ['see http://example.org/x'],
    ['http://example.org is up'],
    ['naïve approach first'],
    ['and/or something'],
  ])('has no id in %j', (text) => {
    expect(ids(text)).toEqual([undefined]);
  });

  it.each([
    ['auth', ['auth']],
    ['auth (the service)', ['auth']],
    ['auth_service comes first', ['auth_service']],
    ['api.v2 comes first', ['api.v2']],
    ['数据库', ['数据库']],
    ['007', ['007']],
    ['TASK-001, TASK-002', ['TASK-001', 'TASK-002']],
    ['TASK-001,TASK-002;TASK-003', ['TASK-001', 'TASK-002', 'TASK-003']],
    ['TASK-001 (a, b), TASK-002 (c)', ['TASK-001', 'TASK-002']],
    ['auth, billing', ['auth', 'billing']],
    ['shop/TASK-001, TASK-002', ['TASK-001', 'TASK-002']],
  ])('reads %j as %j', (text, expected) => {
    expect(ids(text)).toEqual(expected);
  });

  it('keeps the prefix of another project, so that the entry matches no task here', () => {
    expect(ids('billing/TASK-001')).toEqual(['billing/TASK-001']);
    expect(ids('billing/TASK-001 (theirs)')).toEqual(['billing/TASK-001']);
  });

  it('keeps the text as written, and the line', () => {
    expect(parseDependencyEntries('TASK-001 (x)', 7, 'shop')).toEqual([
      { id: 'TASK-001', text: 'TASK-001 (x)', line: 7 },
    ]);
    expect(parseDependencyEntries('A-1, A-2', 3, 'shop')).toEqual([
      { id: 'A-1', text: 'A-1', line: 3 },
      { id: 'A-2', text: 'A-2', line: 3 },
    ]);
  });

  it('tells "nothing" from a remark', () => {
    expect(['None', 'n/a', '-', ''].every(saysNothing)).toBe(true);
    expect(saysNothing('Note: later')).toBe(false);
  });
});
