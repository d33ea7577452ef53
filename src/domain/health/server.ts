import type { Verdict } from './check.ts';
import { note, ok, undone, wrong } from './check.ts';

/** What a server did with throwaway refs under `refs/agentq/`. */
export interface ServerFacts {
  readonly making: Making;
  /** What came of deleting them. */
  readonly deleting: 'possible' | 'refused' | 'unknown';
  /** Whether several refs can be pushed as one. `broken`: it says so and does not do it. */
  readonly atomic: 'honest' | 'absent' | 'broken' | 'unknown';
  /** Whether names as long as agentq's longest are accepted. */
  readonly names: 'accepted' | 'refused' | 'unknown';
  /** The length of that name, in bytes. */
  readonly longest: number;
  /** Whether the second of two pushes from the same value was rejected. */
  readonly swap: { readonly kind: 'honest' | 'broken' } | { readonly kind: 'unknown'; readonly why: string };
  /** How long (ms) one push took; undefined: none landed. */
  readonly pushMs: number | undefined;
  /** Refs of the probe that could not be removed. */
  readonly left: readonly string[];
}

/** What came of making refs. */
export type Making =
  | { readonly kind: 'made' }
  /** Nothing was made, since the server would not have deleted it. */
  | { readonly kind: 'kept-back'; readonly words: string }
  /** `credentials`: this user may not push here at all, or the repository is not there. */
  | { readonly kind: 'refused'; readonly what: 'custom-refs' | 'credentials'; readonly words: string }
  /** It was accepted, and no look shows it. */
  | { readonly kind: 'hidden' }
  | { readonly kind: 'unclear'; readonly words: string };

const WITHOUT_CUSTOM_REFS =
  'agentq works without them: machines that lose a race try again after a random delay, heartbeats are commits, workers do not sign in; to have them, allow making and deleting refs/agentq/*';

/** Whether this user may push. */
export function judgeWritable({ making }: ServerFacts): Verdict {
  switch (making.kind) {
    case 'made':
    case 'hidden':
      return ok('this user may push');
    case 'kept-back':
      return ok('this user may push: the server answered a push, and only refused a deletion in it');
    case 'unclear':
      return undone(`the answer of the server was lost: ${making.words}`);
    case 'refused':
      return making.what === 'credentials'
        ? wrong(
            `the server refuses a push: ${making.words}`,
            'check the credentials, and what they may do; agentq never asks for a password',
          )
        : ok('this user reaches the server for pushes; it refused only the throwaway ref');
  }
}

/** Whether refs other than branches can be made. */
export function judgeCustomRefs({ making }: ServerFacts): Verdict {
  switch (making.kind) {
    case 'made':
      return ok('refs under refs/agentq/ are accepted and shown');
    case 'hidden':
      return note('refs under refs/agentq/ are accepted, and shown to nobody', WITHOUT_CUSTOM_REFS);
    case 'kept-back':
      return undone('a server that does not delete refs would keep what is made to try it');
    case 'refused':
      return making.what === 'credentials'
        ? undone('this user may not push')
        : note(`the server refuses refs under refs/agentq/: ${making.words}`, WITHOUT_CUSTOM_REFS);
    case 'unclear':
      return undone(making.words);
  }
}

/** Whether such refs can be deleted again. */
export function judgeDeletion({ making, deleting, left }: ServerFacts): Verdict {
  if (deleting === 'refused') {
    const why = making.kind === 'kept-back' ? `: ${making.words}` : '';
    const kept = left.length === 0 ? '' : `, and keeps ${left.join(' and ')}`;
    return note(`the server refuses to delete refs${why}${kept}`, WITHOUT_CUSTOM_REFS);
  }
  if (left.length > 0) {
    return note(`could not be removed: ${left.join(' and ')}`, '`agentq doctor --fix` removes such refs after an hour');
  }
  return deleting === 'possible' ? ok('refs can be deleted') : undone('no ref was made that could be deleted');
}

/** Whether several refs are pushed as one. */
export function judgeAtomic({ atomic }: ServerFacts): Verdict {
  switch (atomic) {
    case 'honest':
      return ok('several refs are pushed as one, or not at all');
    case 'absent':
      return note(
        'the server has no atomic pushes',
        'agentq does without: a leader removes requests that it has carried out with a push of its own',
      );
    case 'broken':
      return wrong(
        'the server accepts atomic pushes and carries out parts of them',
        'agentq does not rely on what such a push says about other refs than the branch; tell whoever runs the server, and set `combine: local` meanwhile',
      );
    case 'unknown':
      return undone('no two refs could be pushed');
  }
}

/** Whether names as long as agentq makes them are accepted. */
export function judgeNames({ names, longest }: ServerFacts): Verdict {
  switch (names) {
    case 'accepted':
      return ok(`names of refs of ${longest} bytes are accepted, the longest that agentq makes`);
    case 'refused':
      return note(`names of refs of ${longest} bytes are refused, the longest that agentq makes`, WITHOUT_CUSTOM_REFS);
    case 'unknown':
      return undone('no ref could be made');
  }
}

/** Whether of two pushes from the same value only one lands: all of agentq rests on this. */
export function judgeSwap({ swap }: ServerFacts): Verdict {
  switch (swap.kind) {
    case 'honest':
      return ok('of two pushes that expect the same value, the second is rejected');
    case 'broken':
      return wrong(
        'of two pushes that expect the same value, the server let both land, or said so',
        'two agents can get the same task here: do not use this server for a queue (docs/servers.md)',
      );
    case 'unknown':
      return undone(swap.why);
  }
}

/** What this clone remembers that the server cannot do. */
export interface Remembered {
  readonly noCustomRefs: boolean;
  readonly noAtomic: boolean;
  readonly noDeletion: boolean;
}

/** What this clone remembers of the server, compared with what the server just did. */
export function judgeMemory(remembered: Remembered, facts: ServerFacts): Verdict {
  const said = [
    ...(remembered.noCustomRefs ? ['custom refs'] : []),
    ...(remembered.noAtomic ? ['atomic pushes'] : []),
    ...(remembered.noDeletion ? ['deletions'] : []),
  ];
  if (said.length === 0) return ok('this clone remembers nothing that the server cannot do');
  const wrongly = wrongMemory(remembered, facts);
  const which = said.join(', ');
  return wrongly
    ? note(
        `this clone remembers that the server refuses ${which}, but the server accepts that now`,
        '`agentq doctor --fix` forgets it; otherwise it is tried again within an hour',
      )
    : ok(`this clone remembers that the server refuses ${which}, for an hour`);
}

/** Whether something is remembered that the server has just done. */
export function wrongMemory({ noCustomRefs, noAtomic, noDeletion }: Remembered, facts: ServerFacts): boolean {
  const isUsable = facts.making.kind === 'made' && facts.deleting === 'possible' && facts.names === 'accepted';
  return (
    (noCustomRefs && isUsable) ||
    (noAtomic && facts.atomic === 'honest') ||
    (noDeletion && facts.deleting === 'possible')
  );
}

const SLOW_LOOK_MS = 2_000;
const SLOW_PUSH_MS = 5_000;

/** How long the server takes. @param lookMs of the fastest of a few looks */
export function judgeLatency(lookMs: number, pushMs: number | undefined): Verdict {
  const pushed = pushMs === undefined ? '' : `, a push ${milliseconds(pushMs)}`;
  const message = `a look takes ${milliseconds(lookMs)}${pushed}`;
  return lookMs > SLOW_LOOK_MS || (pushMs ?? 0) > SLOW_PUSH_MS
    ? note(message, 'a claim is a look and a push: give workers `--concurrency`, so that they share them')
    : ok(message);
}

function milliseconds(ms: number): string {
  return ms < 10_000 ? `${Math.round(ms)} ms` : `${Math.round(ms / 1000)} s`;
}
