import { describe, expect, it } from 'vitest';
import type { AgentqRun } from '../../kit/processes/run-agentq.ts';
import { taskText } from '../../kit/queues/queue-files.ts';
import { type Scene, scene } from '../../kit/scene/scene.ts';
import { until } from '../../kit/scene/work-session.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const YEAR = 365 * 24 * HOUR;

/** A machine of its own whose clock is wrong by this much: every process that it starts is told another time. */
type Machine = (...args: readonly string[]) => Promise<AgentqRun>;

interface Clocks {
  machine(name: string, wrongByMs: number): Promise<Machine>;
  ledger(): Promise<string | undefined>;
}

const IDS = ['T-1', 'T-2', 'T-3'];
const QUEUE = { files: Object.fromEntries(IDS.map((id) => [`.agents/shop/tasks/${id}.toon`, taskText(id)])) };

function clocksIn(box: Scene): Clocks {
  const { remote } = box;
  return {
    async machine(name, wrongByMs) {
      const clone = await box.clone(remote, name);
      const shift = `const now = Date.now; Date.now = () => now() + ${wrongByMs};`;
      const env = {
        XDG_RUNTIME_DIR: box.path(`run-${name}`),
        NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(shift)}`,
      };
      await box.write('.', { [`run-${name}/.keep`]: '' });
      return (...args) => box.start(clone, args, { env }).done;
    },
    async ledger() {
      return (await box.files(remote, 'develop'))['.agents/shop/tasks/.agentq-stalls'];
    },
  };
}

describe('a machine whose clock is an hour slow', () => {
  it('keeps its claims where others have made commits before it', async () => {
    await using box = await scene(QUEUE);
    const { machine, ledger } = clocksIn(box);
    const [right, slow] = [await machine('right', 0), await machine('slow', -HOUR)];
    expect(await right('claim', 'a1')).toMatchObject({ code: 0 });
    expect(await slow('claim', 's1')).toMatchObject({ code: 0, stdout: 'shop/T-2\n' });
    // Alone from here on: what its first commit has shown holds for its heartbeats too.
    for (let beat = 0; beat < 2; beat++) {
      expect(await right('release-stalled')).toMatchObject({ code: 0, stdout: '' });
      expect(await slow('heartbeat', 'T-2', 's1')).toMatchObject({ code: 0 });
    }
    expect(JSON.parse((await right('status', '--json')).stdout).all).toMatchObject({ inProgress: 2, stalled: 0 });
    expect(await ledger()).toBeUndefined();
    expect(await slow('complete', 'T-2', 's1')).toMatchObject({ code: 0 });
  });
});

describe('a machine whose clock is a year fast', () => {
  it('loses its claims when it falls silent: what others do after them says since when', async () => {
    await using box = await scene(QUEUE);
    const { machine } = clocksIn(box);
    const [right, fast] = [await machine('right', 0), await machine('fast', YEAR)];
    expect(await fast('claim', 'f1')).toMatchObject({ code: 0, stdout: 'shop/T-1\n' });
    expect(await right('claim', 'a1')).toMatchObject({ code: 0, stdout: 'shop/T-2\n' });
    const later = await machine('later', 40 * MINUTE);
    expect(await right('release-stalled')).toMatchObject({ stdout: '' });
    expect(await later('release-stalled')).toMatchObject({ code: 0, stdout: 'shop/T-1\nshop/T-2\n' });
  });

  it('loses them too where nothing came after them, once a clone has watched them for the limit', async () => {
    await using box = await scene(QUEUE);
    const { machine } = clocksIn(box);
    const [right, fast] = [await machine('right', 0), await machine('fast', YEAR)];
    expect(await fast('claim', 'f1')).toMatchObject({ code: 0 });
    expect(await right('release-stalled', '--older-than', '1s')).toMatchObject({ stdout: '' });
    let released = '';
    await until(async () => {
      released = (await right('release-stalled', '--older-than', '1s')).stdout;
      return released !== '';
    });
    expect(released).toBe('shop/T-1\n');
  });
});

describe('a judge whose clock is an hour fast', () => {
  it('takes no claim of which it knows that it was not there at its last look', async () => {
    await using box = await scene(QUEUE);
    const { machine, ledger } = clocksIn(box);
    const [right, judge] = [await machine('right', 0), await machine('judge', HOUR)];
    // It has to have seen something: a queue without claims is not worth a note.
    expect(await right('claim', 'a1')).toMatchObject({ code: 0 });
    const claimedBy = Date.now();
    expect(await judge('status')).toMatchObject({ code: 0 });
    expect(await right('claim', 'a2')).toMatchObject({ code: 0, stdout: 'shop/T-2\n' });
    expect(await judge('release-stalled', '--dry-run')).toMatchObject({ code: 0, stdout: 'shop/T-1\n' });
    // Within the second of the claim there is nothing to renew.
    await until(() => Date.now() >= claimedBy + 1_000);
    expect(await right('heartbeat', 'T-1', 'a1')).toMatchObject({ code: 0 });
    expect(await judge('release-stalled')).toMatchObject({ code: 0, stdout: '' });
    expect(await ledger()).toBeUndefined();
  });
});
