import { describe, expect, it } from 'vitest';
import { decide } from '../../../src/domain/deciding/decide.ts';
import type { NoteIntent } from '../../../src/domain/intents/intent.ts';
import { parseIntent } from '../../../src/engine/wire/intent-schema.ts';
import { snapshotOf, type TaskSpec } from '../../kit/queues/snapshots.ts';

const NOW = Date.parse('2026-03-01T12:00:00.750Z');

function note(id: string, extra: Partial<NoteIntent> = {}): NoteIntent {
  return { kind: 'note', request: 'aaaaaa', agent: 'Zoë Doe', task: { id }, text: 'half done', ...extra };
}

describe('a note', () => {
  const claim = { claimedBy: 'somebody-else', claimId: 'c1' };
  it.each<[string, Partial<TaskSpec>]>([
    ['ready', {}],
    ['claimed by another', { state: 'claimed', claim }],
    ['completed', { state: 'completed', claim, completion: { completedBy: 'somebody-else' } }],
    ['blocked', { status: 'blocked', blockedReason: 'no' }],
  ])('is one commit of its own on a task that is %s', (_, spec) => {
    const plan = decide(snapshotOf([{ id: 'T-1', ...spec }]), [note('T-1')], NOW);
    const path = `.agents/auth/${spec.state === undefined ? 'tasks' : spec.state}/T-1.toon`;
    expect(plan.commits).toMatchObject([
      {
        subject: '[AGENT-NOTE] Zoë Doe noted auth/T-1',
        body: 'half done',
        author: 'Zoë Doe',
        tasks: [{ fromPath: path, toPath: path, edits: [{ kind: 'append-note' }] }],
        files: [],
      },
    ]);
    const notes = [{ at: '2026-03-01T12:00:00Z', agent: 'Zoë Doe', text: 'half done' }];
    expect(plan.decisions).toMatchObject([
      { outcome: { kind: 'noted', at: notes[0]?.at, view: { notes, status: spec.status ?? 'ready' } } },
    ]);
  });

  it('is seen by what comes after it, and needs a task that can be read', () => {
    const plan = decide(snapshotOf([{ id: 'T-1' }]), [note('T-1'), note('T-1', { text: 'all done' })], NOW);
    expect(plan.decisions[1]).toMatchObject({ outcome: { view: { notes: [{}, { text: 'all done' }] } } });
    expect(decide(snapshotOf([{ id: 'T-1', unreadable: 'x' }]), [note('T-1')], NOW).decisions).toMatchObject([
      { kind: 'refused', refusal: { code: 'task-unreadable' } },
    ]);
    expect(decide(snapshotOf([{ id: 'T-1' }]), [note('T-2')], NOW).decisions).toMatchObject([
      { kind: 'refused', refusal: { code: 'unknown-task' } },
    ]);
  });

  it.each<[Partial<NoteIntent>, boolean]>([
    [{}, true],
    [{ agent: 'agent-1' }, true],
    [{ agent: 'Zoë <x@y>' }, false],
    [{ agent: 'a: b' }, false],
    [{ text: 'a\nb' }, false],
    [{ text: 'x\u001b[31m' }, false],
    [{ text: ' x' }, false],
    [{ text: 'x'.repeat(4001) }, false],
  ])('comes from other processes only as one line by somebody: %j', (extra, isTaken) => {
    expect(parseIntent(note('T-1', extra)) !== undefined).toBe(isTaken);
  });
});
