import { createHash } from 'node:crypto';
import type { Tip } from '../queue/tips.ts';
import type { TipHints, TipSource } from '../waiting/tip-poller.ts';
import type { BranchQueues } from './queues.ts';
import { refOf } from './reading.ts';

/**
 * Shows whether any branch has moved: one look at all of them. Its tip is not a commit but stands for all their tips,
 * so it is only to be compared.
 */
export function tipsOfAll(branches: BranchQueues): TipSource {
  const { map } = branches;
  return {
    async look(hasMoved) {
      const { parts } = await branches.side(map.main);
      const { others } = map;
      const refsOfOthers = others.map(refOf);
      const { tip, refs } = await parts.store.look(refsOfOthers, { toFetch: hasMoved });
      const sign = signOf([[refOf(map.main), tip], ...refsOfOthers.map((ref): [string, Tip] => [ref, refs.get(ref)])]);
      if (sign !== undefined && tip !== undefined) branches.seen.note(sign, { look: { tip, refs }, others });
      return sign;
    },
    async watch(onHint) {
      const queues = map.ownership.branches.map((branch) => branches.of(branch));
      const hints = await Promise.all(queues.map(({ parts }) => parts.watchTip(onHint)));
      const known = hints.filter((one): one is TipHints => one !== undefined);
      if (known.length < hints.length) {
        for (const one of known) one.close();
        return undefined;
      }
      return {
        rearm: () => known.map((one) => one.rearm()).every((isWatched) => isWatched),
        close() {
          for (const one of known) one.close();
        },
      };
    },
  };
}

/** In the form of a commit's id, since it travels between processes as one. */
function signOf(tips: readonly (readonly [string, Tip])[]): Tip {
  if (tips.every(([, tip]) => tip === undefined)) return undefined;
  return createHash('sha1').update(JSON.stringify(tips)).digest('hex');
}
