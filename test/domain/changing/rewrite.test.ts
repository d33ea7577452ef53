import { describe, expect, it } from 'vitest';
import { decide } from '../../../src/domain/deciding/decide.ts';
import type { EditIntent, Intent } from '../../../src/domain/intents/intent.ts';
import type { QueueSnapshot } from '../../../src/domain/queue/snapshot.ts';
import { readText } from '../../../src/store/codec/read-task.ts';
import { snapshotOf } from '../../kit/queues/snapshots.ts';

const NOW = Date.parse('2026-03-01T12:00:00Z');

const READY = `task:
  id: T-1
  project: auth
  title: Sign in
  status: ready
dependencies:
  required[1]: T-9
`;

const CLAIMED = `${READY.replace('T-1', 'T-4')}claim:
  claimed_by: a1
  claimed_at: 2026-03-01T11:00:00Z
  last_heartbeat: 2026-03-01T11:00:00Z
  claim_attempt: 1
  claim_id: c1
`;

const QUEUE: QueueSnapshot = withTexts({ 'T-1': READY, 'T-4': CLAIMED });

/** The entries of these tasks are read from their texts, as in a queue of files. */
function withTexts(texts: Readonly<Record<string, string>>): QueueSnapshot {
  const made = snapshotOf([
    { id: 'T-1' },
    { id: 'T-2', status: 'blocked', required: ['T-1'] },
    { id: 'T-4', state: 'claimed' },
    { id: 'T-9', state: 'completed' },
  ]);
  const projects = [...made.projects].map(([name, project]) => {
    const entries = project.entries.map((entry) => {
      const text = texts[entry.key.id];
      return text === undefined ? entry : { ...entry, reading: readText(text, entry) };
    });
    return [name, { ...project, entries }] as const;
  });
  return { ...made, readText, projects: new Map(projects) };
}

function rewrite(id: string, now: string, was = '0'.repeat(40)): EditIntent {
  return { kind: 'edit', request: 'request1', agent: 'ann', task: { id }, edits: {}, text: { was, now } };
}

function decided(...intents: readonly Intent[]) {
  const { commits, decisions } = decide(QUEUE, intents, NOW);
  const last = decisions.at(-1);
  return {
    commits,
    last,
    words: last?.kind === 'refused' ? `${last.refusal.code}: ${last.refusal.message}` : undefined,
  };
}

describe('a task whose text somebody has edited', () => {
  it('has that text, in one commit that says what is other', () => {
    const text = READY.replace('Sign in', 'Sign up').replace('status', '# why not\n  status');
    const { commits, last } = decided(rewrite('T-1', text));
    expect(commits).toMatchObject([
      { subject: '[AGENT-EDIT] ann edited auth/T-1', tasks: [{ edits: [{ kind: 'replace-text', text }] }] },
    ]);
    expect(last).toMatchObject({ outcome: { tasks: [{ title: 'Sign up', changed: ['title'] }] } });
    expect(decided(rewrite('T-1', `${READY}context:\n  a: b\n`)).last).toMatchObject({
      outcome: { tasks: [{ changed: ['text'] }] },
    });
  });

  it('waits for what it requires now, unless the status was edited, too', () => {
    const waits = READY.replace('T-9', 'T-4');
    expect(decided(rewrite('T-1', waits)).commits[0]?.tasks[0]?.edits).toMatchObject([
      { kind: 'replace-text' },
      { kind: 'set-status', status: 'blocked' },
    ]);
    expect(decided(rewrite('T-1', waits.replace('ready', 'pending'))).commits[0]?.tasks[0]?.edits).toHaveLength(1);
    expect(decided(rewrite('T-4', CLAIMED.replace('T-9', 'T-2'))).commits[0]?.tasks[0]?.edits).toHaveLength(1);
  });

  it.each<[string, string, string]>([
    ['T-1', 'no task', 'task-invalid: the text of auth/T-1 cannot be read, line 1'],
    ['T-1', READY.replace('T-1', 'T-7'), 'task-invalid: the id of auth/T-1 cannot be changed to "T-7"'],
    ['T-1', READY.replace('auth', 'web'), 'task-invalid: the project of auth/T-1 cannot be changed to "web"'],
    ['T-1', READY.replace('T-9', 'T-8'), 'unknown-task: there is no task T-8'],
    ['T-1', READY.replace('T-9', 'T-2'), 'task-invalid: the dependencies would form a cycle'],
    ['T-1', READY.replace('ready', 'cancelled'), 'task-invalid: the status of auth/T-1 cannot be changed'],
    ['T-1', `${READY}claim:\n  claimed_by: ann\n`, 'task-invalid: the lines under `claim:`'],
    ['T-4', CLAIMED.replace('ready', 'blocked'), 'task-invalid: auth/T-4 is claimed'],
    ['T-4', CLAIMED.replace('a1', 'ann'), 'task-invalid: the lines under `claim:` of auth/T-4'],
    ['T-4', READY.replace('T-1', 'T-4'), 'task-invalid: the lines under `claim:` of auth/T-4'],
    ['T-9', READY, 'task-invalid: auth/T-9 is completed'],
  ])('is not written where it may not be: %s %j', (id, text, words) => {
    const { commits, words: said } = decided(rewrite(id, text));
    expect(said).toContain(words);
    expect(commits).toEqual([]);
  });

  it('is not written over what others have changed, in the branch or in the same group', () => {
    const text = READY.replace('Sign in', 'Sign up');
    expect(decided(rewrite('T-1', text, '1'.repeat(40))).words).toContain('the text of auth/T-1 has changed meanwhile');
    const note: Intent = { kind: 'note', request: 'request2', agent: 'b', task: { id: 'T-1' }, text: 'half' };
    expect(decided(note, rewrite('T-1', text)).words).toContain('the text of auth/T-1 has changed meanwhile');
    expect(decided(rewrite('T-1', text), note).words).toBeUndefined();
  });
});
