import { isoSeconds } from '../base/clock.ts';
import type { Refusal } from '../base/failure.ts';
import { given } from '../base/given.ts';
import type { PauseIntent, ResumeIntent } from '../intents/intent.ts';
import { formatPauses, PAUSES_FILE, type Pause } from '../pausing/pauses.ts';
import type { CommitDraft } from '../queue/edit.ts';
import type { QueueState } from '../queue/queue-state.ts';
import { type Decision, refused, TRAILER, trailersOf } from '../rules/decision.ts';
import { unknownProject } from '../rules/unknown-names.ts';

/**
 * From this commit on, nothing is claimed of the project, or of the whole queue. What is claimed goes on. Another reason
 * replaces an earlier one.
 */
export function decidePause(state: QueueState, intent: PauseIntent, now: number): Decision {
  const { project, agent, reason } = intent;
  const problem = unknown(state, project);
  if (problem !== undefined) return refused(problem);
  const before = state.pauses.find((pause) => pause.project === project);
  if (before?.reason === reason) return { kind: 'unchanged', outcome: { kind: 'paused', pause: before } };
  const pause: Pause = { ...given({ project }), at: isoSeconds(now), by: agent, reason };
  const others = state.pauses.filter((one) => one !== before);
  const subject = `[AGENT-PAUSE] ${agent} paused ${project ?? 'the queue'}`;
  const written = writing(intent, subject, [...others, pause]);
  const trailers = [...written.trailers, { key: TRAILER.reason, value: reason }];
  return { kind: 'commit', commit: { ...written, body: reason, trailers }, outcome: { kind: 'paused', pause } };
}

/** Ends that pause, and no other. If there is none, nothing changes. */
export function decideResume(state: QueueState, intent: ResumeIntent): Decision {
  const { project } = intent;
  const problem = unknown(state, project);
  if (problem !== undefined) return refused(problem);
  const ended = state.pauses.find((pause) => pause.project === project);
  const left = state.pauses.filter((pause) => pause !== ended);
  const outcome = { kind: 'resumed' as const, ...given({ project, ended }), left };
  if (ended === undefined) return { kind: 'unchanged', outcome };
  const subject = `[AGENT-RESUME] ${intent.agent} resumed ${project ?? 'the queue'}`;
  return { kind: 'commit', commit: writing(intent, subject, left), outcome };
}

/** The commit that writes the pauses, and nothing else. */
function writing(intent: PauseIntent | ResumeIntent, subject: string, pauses: readonly Pause[]): CommitDraft {
  return {
    subject,
    trailers: trailersOf(intent, []),
    author: intent.agent,
    tasks: [],
    files: [{ path: PAUSES_FILE, content: formatPauses(pauses) }],
  };
}

/** A project that lives on another branch is known by the settings. */
function unknown(state: QueueState, project: string | undefined): Refusal | undefined {
  const isElsewhere = project !== undefined && state.otherBranch?.(project) !== undefined;
  return isElsewhere ? undefined : unknownProject(project, state.projectNames);
}
