import { expect, it } from 'vitest';
import { LAYOUT_NAMES, type LayoutName } from '../../../src/domain/queue/layouts.ts';
import { type AgentqRun, runAgentqAtOnce } from '../../kit/processes/run-agentq.ts';
import {
  BOOKING,
  bookingFiles,
  bookingText,
  foldersOf,
  type Notation,
  opened,
} from '../../kit/queues/booking-queue.ts';
import { auditQueue } from '../../kit/queues/queue-audit.ts';
import { isFull } from '../../kit/sample.ts';
import { scene } from '../../kit/scene/scene.ts';

/** The twelve tasks of a real project, from the first claim to the last completion. */

const ALONE = ['agent-1'];
const POOL = ['agent-1', 'agent-2', 'agent-3', 'agent-4'];

/** Every layout in both notations; a lone agent takes as long as three pools, so only two of them work alone. */
const COMBINATIONS: readonly (readonly [LayoutName, Notation, readonly string[]])[] = LAYOUT_NAMES.flatMap(
  (layout): [LayoutName, Notation, readonly string[]][] => [
    [layout, 'canonical', layout === 'split' ? ALONE : POOL],
    [layout, 'dialect', layout === 'agents' ? ALONE : POOL],
  ],
);

/** One of them is 8 s of processor time: of the layouts the one that is hardest to tell, as agents write it. */
const SAMPLE = COMBINATIONS.filter(([layout, notation]) => layout === 'split' && notation === 'dialect');

it.each(isFull ? COMBINATIONS : SAMPLE)(
  'the %s layout in %s notation is drained in dependency order by %j',
  async (layout, notation, agents) => {
    const project = layout === 'flat' ? 'default' : 'booking';
    await using box = await scene({ files: bookingFiles(layout, notation, project), clones: ['clone'] });
    const { remote } = box;
    const options = box.in('clone');
    const all = (argsOf: readonly (readonly string[])[]): Promise<AgentqRun[]> =>
      runAgentqAtOnce(argsOf.map((args) => ({ args, options })));

    const done = new Set<string>();
    for (;;) {
      const claims = await all(agents.map((agent) => ['claim', agent]));
      const work = agents.flatMap((agent, index) => {
        const { code, stdout, stderr } = claims[index] ?? {};
        if (code === 0) return [{ agent, id: stdout?.trim().replace(`${project}/`, '') ?? '' }];
        expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
        expect(stderr).toContain('nothing to claim');
        return [];
      });
      if (work.length === 0) break;
      for (const { id } of work) {
        expect(done).not.toContain(id);
        const required = BOOKING.find((task) => task.id === id)?.required ?? ['an id nobody knows'];
        expect(required.filter((wanted) => !done.has(wanted))).toEqual([]);
      }
      const before = waiting(done);
      const completions = await all(work.map(({ agent, id }) => ['complete', id, agent, '', project, 'develop']));
      for (const { id } of work) done.add(id);
      const lines = completions.map(({ stdout }) => stdout.trim().split('\n'));
      expect(completions.map(({ code }) => code)).toEqual(work.map(() => 0));
      expect(lines.map(([first]) => first)).toEqual(work.map(({ id }) => `${project}/${id}`));
      const unblocked = lines.flatMap(([, ...rest]) => rest).sort();
      expect(unblocked).toEqual(before.filter((id) => !waiting(done).includes(id)).map((id) => `${project}/${id}`));
    }
    expect([...done].sort()).toEqual(BOOKING.map(({ id }) => id));

    const audit = await auditQueue(box.path(remote));
    expect(audit.violations).toEqual([]);
    expect([...audit.tip.values()]).toEqual(BOOKING.map(() => 'completed'));
    const files = await box.files(remote, 'develop');
    for (const task of BOOKING) {
      const file = files[`${foldersOf(layout, project).completed}/${task.id}.toon`] ?? '';
      // Its own bytes with the status opened, and the two blocks behind them.
      const own = opened(bookingText(task, notation, project));
      expect(file.slice(0, own.length)).toBe(own);
      expect(file.slice(own.length)).toMatch(
        /^\nclaim:\n(?: +\w+: \S+\n){5}\ncompletion:\n +status: completed\n +completed_at: \S+Z\n +completed_by: agent-\d\n$/,
      );
    }
    // The checkout followed all the way.
    expect(await box.git('clone', 'status', '--porcelain=v1', '-b')).toBe('## develop...origin/develop');
  },
);

/** Tasks that wait by their status, when those are done. */
function waiting(done: ReadonlySet<string>): string[] {
  return BOOKING.filter(
    ({ status, required }) => status !== 'ready' && required.some((wanted) => !done.has(wanted)),
  ).map(({ id }) => id);
}
