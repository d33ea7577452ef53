import { describe, expect, it } from 'vitest';
import type { Verdict } from '../../../src/domain/health/check.ts';
import {
  type CloneFacts,
  judgeDisk,
  judgeGitDir,
  judgeHistory,
  judgeHooks,
  judgeLeftovers,
} from '../../../src/domain/health/clone.ts';
import { judgeGit, judgeNode, judgeProcesses, judgeRelease, judgeSsh } from '../../../src/domain/health/machine.ts';
import {
  judgeCi,
  judgeClock,
  judgeContention,
  judgeDefects,
  judgeOldRefs,
  judgeProtection,
} from '../../../src/domain/health/queue.ts';
import {
  judgeAtomic,
  judgeCustomRefs,
  judgeDeletion,
  judgeLatency,
  judgeMemory,
  judgeNames,
  judgeSwap,
  judgeWritable,
  type ServerFacts,
} from '../../../src/domain/health/server.ts';

const CLONE: CloneFacts = {
  kind: 'clone',
  shallow: false,
  partial: false,
  unwritable: undefined,
  freeBytes: 50 * 1024 ** 3,
  freeFiles: 1e6,
  hooks: { active: [], ignored: [], missingFolder: undefined },
  leftovers: [],
};

const SERVER: ServerFacts = {
  making: { kind: 'made' },
  deleting: 'possible',
  atomic: 'honest',
  names: 'accepted',
  longest: 200,
  swap: { kind: 'honest' },
  pushMs: 80,
  left: [],
};

const NOTHING = { noCustomRefs: false, noAtomic: false, noDeletion: false };
const refused = (what: 'custom-refs' | 'credentials'): ServerFacts => ({
  ...SERVER,
  making: { kind: 'refused', what, words: 'no' },
  deleting: 'unknown',
});
const keptBack: ServerFacts = { ...SERVER, making: { kind: 'kept-back', words: 'no' }, deleting: 'refused' };
const MINUTE = 60_000;
const leftover = (whose: 'ours' | 'gits') => ({ name: 'index.lock', ageMs: 2 * 3_600_000, whose });
const quiet = { claims: 20, conflictRate: 0.05, failures: 0, stalls: 0, advice: [], ownRejections: undefined };

/** Level, words that it must say, and what was judged. */
const ROWS: readonly (readonly [Verdict['level'], string, Verdict])[] = [
  ['ok', '22.1.0', judgeNode('22.1.0')],
  ['wrong', 'too old', judgeNode('20.9.0')],
  ['ok', '2.39.5', judgeGit('git version 2.39.5 (Apple Git-154)')],
  ['ok', '2.50.1', judgeGit('git version 2.50.1.windows.1')],
  ['note', 'older than what', judgeGit('git version 2.36.1')],
  ['wrong', 'too old', judgeGit('git version 2.9.0')],
  ['note', 'does not say', judgeGit('')],
  ['note', 'does not show', judgeProcesses('1.0.0', undefined)],
  ['ok', '1 other agentq process runs here, of version 1.0.0', judgeProcesses('1.0.0', [{ pid: 1, version: '1.0.0' }])],
  ['ok', 'not known', judgeProcesses('1.0.0', [{ pid: 1, version: undefined }])],
  ['note', '0.9.0 (process 7)', judgeProcesses('1.0.0', [{ pid: 7, version: '0.9.0' }])],
  ['ok', 'runs agentq 1.0.0', judgeRelease('1.0.0', { releases: ['1.0.0'], pinned: undefined })],
  ['note', 'runs agentq 1.10.0', judgeRelease('1.9.0', { releases: ['1.2.0', '1.10.0'], pinned: undefined })],
  ['note', 'runs agentq 0.9.0', judgeRelease('1.0.0', { releases: ['0.9.0'], pinned: undefined })],
  ['note', '@a/agentq@1.2.3', judgeRelease('1.0.0', { releases: [], pinned: '@a/agentq@1.2.3' })],
  ['ok', 'no release', judgeRelease('1.0.0', { releases: [], pinned: undefined })],
  ['ok', 'not reached', judgeSsh({ transport: 'other', wanted: 'shared', obstacle: 'x' })],
  ['note', 'of its own', judgeSsh({ transport: 'ssh', wanted: 'apart', obstacle: undefined })],
  ['ok', 'because', judgeSsh({ transport: 'ssh', wanted: 'apart', obstacle: 'because' })],
  ['note', 'no effect', judgeSsh({ transport: 'ssh', wanted: 'shared', obstacle: 'because' })],
  ['ok', 'share', judgeSsh({ transport: 'ssh', wanted: 'shared', obstacle: undefined })],
  ['ok', 'written to', judgeGitDir(CLONE)],
  ['wrong', 'EROFS', judgeGitDir({ ...CLONE, unwritable: 'EROFS' })],
  ['ok', '50.0 GiB', judgeDisk(CLONE)],
  ['note', '900 MiB', judgeDisk({ ...CLONE, freeBytes: 900 * 1024 ** 2 })],
  ['wrong', '49 MiB', judgeDisk({ ...CLONE, freeBytes: 49 * 1024 ** 2 })],
  ['wrong', '900 more files', judgeDisk({ ...CLONE, freeFiles: 900 })],
  ['note', '19000 more files', judgeDisk({ ...CLONE, freeFiles: 19_000 })],
  ['ok', '50.0 GiB', judgeDisk({ ...CLONE, freeFiles: 0 })],
  ['note', 'does not say', judgeDisk({ ...CLONE, freeBytes: undefined })],
  ['ok', 'whole', judgeHistory(CLONE)],
  ['note', 'shallow', judgeHistory({ ...CLONE, shallow: true })],
  ['note', 'partial', judgeHistory({ ...CLONE, partial: true })],
  ['ok', 'pre-push', judgeHooks({ ...CLONE, hooks: { active: ['pre-push'], ignored: [], missingFolder: undefined } })],
  [
    'note',
    'pre-push',
    judgeHooks({ ...CLONE, hooks: { active: [], ignored: ['pre-push'], missingFolder: undefined } }),
  ],
  ['note', '.husky', judgeHooks({ ...CLONE, hooks: { active: [], ignored: [], missingFolder: '.husky' } })],
  ['wrong', 'index.lock, 2h ago', judgeLeftovers({ ...CLONE, leftovers: [leftover('ours'), leftover('gits')] })],
  ['note', '2 files', judgeLeftovers({ ...CLONE, leftovers: [leftover('ours'), leftover('ours')] })],
  ['ok', 'no workflow', judgeCi([{ path: 'a.yml', content: { on: 'pull_request' } }], 'develop', 'run')],
  ['note', 'every commit of the queue: a.yml', judgeCi([{ path: 'a.yml', content: { on: 'push' } }], 'develop', 'run')],
  ['note', 'may start', judgeCi([{ path: '.gitlab-ci.yml', content: {} }], 'develop', 'run')],
  ['note', 'may start', judgeCi([{ path: 'a.yml', content: undefined }], 'develop', 'run')],
  ['ok', 'skip_ci', judgeCi([{ path: 'a.yml', content: { on: 'push' } }], 'develop', 'skip')],
  ['ok', 'no recent', judgeClock([{ timeMs: MINUTE, authorName: 'Ada' }], 0)],
  [
    'wrong',
    'Ada is 10m',
    judgeClock(
      [5, 10].map((at) => ({ timeMs: at * MINUTE, authorName: 'Ada' })),
      0,
    ),
  ],
  ['ok', '20 claims, 5% ', judgeContention(quiet)],
  ['note', '6 failures', judgeContention({ ...quiet, failures: 6 })],
  ['ok', 'nothing to fix in 1 task (2 notes)', judgeDefects({ errors: 0, warnings: 0, notes: 2, tasks: 1 })],
  ['note', '1 warning', judgeDefects({ errors: 0, warnings: 1, notes: 0, tasks: 9 })],
  ['wrong', '2 errors, 1 note in 9 tasks', judgeDefects({ errors: 2, warnings: 0, notes: 1, tasks: 9 })],
  ['ok', '3 refs under', judgeOldRefs([], 3)],
  [
    'note',
    '1 request, 2 probes',
    judgeOldRefs(
      ['request', 'probe', 'probe'].map((kind) => ({ ref: 'r', oid: 'o', kind: kind as 'probe' })),
      3,
    ),
  ],
  [
    'ok',
    'develop took',
    judgeProtection({ branch: 'develop', host: 'github.com', ownPushMs: 1, anyPushMs: 1, refused: undefined }),
  ],
  [
    'note',
    'somebody else',
    judgeProtection({ branch: 'develop', host: 'github.com', ownPushMs: undefined, anyPushMs: 1, refused: undefined }),
  ],
  [
    'ok',
    'first push',
    judgeProtection({
      branch: 'develop',
      host: undefined,
      ownPushMs: undefined,
      anyPushMs: undefined,
      refused: undefined,
    }),
  ],
  [
    'wrong',
    'to develop, 1m ago: no',
    judgeProtection({
      branch: 'develop',
      host: 'gitlab.com',
      ownPushMs: 1,
      anyPushMs: 1,
      refused: { agoMs: MINUTE, words: 'no' },
    }),
  ],
  ['ok', 'may push', judgeWritable(SERVER)],
  ['ok', 'only refused a deletion', judgeWritable(keptBack)],
  ['ok', 'throwaway', judgeWritable(refused('custom-refs'))],
  ['wrong', 'refuses a push: no', judgeWritable(refused('credentials'))],
  ['note', 'lost', judgeWritable({ ...SERVER, making: { kind: 'unclear', words: 'gone' } })],
  ['ok', 'shown', judgeCustomRefs(SERVER)],
  ['note', 'refuses refs', judgeCustomRefs(refused('custom-refs'))],
  ['note', 'not checked', judgeCustomRefs(refused('credentials'))],
  ['note', 'to nobody', judgeCustomRefs({ ...SERVER, making: { kind: 'hidden' } })],
  ['ok', 'can be deleted', judgeDeletion(SERVER)],
  ['note', 'refuses to delete refs: no', judgeDeletion(keptBack)],
  ['note', 'keeps refs/x', judgeDeletion({ ...SERVER, deleting: 'refused', left: ['refs/x'] })],
  ['note', 'could not be removed: refs/x', judgeDeletion({ ...SERVER, deleting: 'unknown', left: ['refs/x'] })],
  ['ok', 'as one', judgeAtomic(SERVER)],
  ['note', 'no atomic', judgeAtomic({ ...SERVER, atomic: 'absent' })],
  ['wrong', 'parts', judgeAtomic({ ...SERVER, atomic: 'broken' })],
  ['note', '200 bytes are refused', judgeNames({ ...SERVER, names: 'refused' })],
  ['ok', 'rejected', judgeSwap(SERVER)],
  ['wrong', 'both land', judgeSwap({ ...SERVER, swap: { kind: 'broken' } })],
  ['note', 'not checked: why', judgeSwap({ ...SERVER, swap: { kind: 'unknown', why: 'why' } })],
  ['ok', 'nothing', judgeMemory(NOTHING, SERVER)],
  ['note', 'accepts that now', judgeMemory({ ...NOTHING, noCustomRefs: true }, SERVER)],
  [
    'ok',
    'custom refs, atomic',
    judgeMemory(
      { noCustomRefs: true, noAtomic: true, noDeletion: false },
      { ...refused('custom-refs'), atomic: 'absent' },
    ),
  ],
  ['ok', 'deletions', judgeMemory({ ...NOTHING, noDeletion: true }, keptBack)],
  ['ok', 'a look takes 20 ms, a push 80 ms', judgeLatency(20, 80)],
  ['note', '12 s', judgeLatency(12_000, undefined)],
  ['note', '6000 ms', judgeLatency(20, 6_000)],
];

describe('a verdict', () => {
  it.each(ROWS)('%s: %s', (level, words, verdict) => {
    expect(verdict.message).toContain(words);
    expect(verdict.level).toBe(level);
  });

  it('that something is wrong says what to do', () => {
    for (const [level, , { advice }] of ROWS) if (level === 'wrong') expect(advice).toMatch(/\w{3}/);
  });
});
