import type { Failure } from '../../domain/base/failure.ts';
import type { Tip } from '../queue/tips.ts';
import { failureFromWire, isOid } from '../wire/leader-message.ts';
import type { WireFailure } from '../wire/wire.ts';

/** What a follower asks the leader, which looks for all. */
export type TipQuestion = { readonly kind: 'look'; readonly id: number };

/** What the leader says. `null` is a branch that does not exist. */
export type TipMessage =
  | { readonly kind: 'tip'; readonly tip: string | null }
  | { readonly kind: 'looked'; readonly id: number; readonly tip: string | null }
  | { readonly kind: 'look-failed'; readonly id: number; readonly failure: WireFailure }
  /** The look failed for a reason that may be the leader's own: the follower looks itself. */
  | { readonly kind: 'look-yourself'; readonly id: number }
  | { readonly kind: 'trouble'; readonly failure: WireFailure }
  /** Nothing new, but the leader looks. Sent at least every {@link ALIVE_MS}. */
  | { readonly kind: 'alive' }
  /** The leader does not have enough files for all followers: meet elsewhere. */
  | { readonly kind: 'full' };

/** At least this often (ms) a leader says something, unless it is suspended. */
export const ALIVE_MS = 3_000;

/** Parses a question; undefined if it is none. By hand: a process that only waits must not load a schema library. */
export function parseQuestion(value: unknown): TipQuestion | undefined {
  if (!isRecord(value) || value.kind !== 'look' || typeof value.id !== 'number') return undefined;
  return { kind: 'look', id: value.id };
}

/** The message as a follower receives it, with failures as they are thrown. */
export type TipNews =
  | { readonly kind: 'tip'; readonly tip: Tip }
  | { readonly kind: 'looked'; readonly id: number; readonly tip: Tip }
  | { readonly kind: 'look-failed'; readonly id: number; readonly failure: Failure }
  | { readonly kind: 'look-yourself'; readonly id: number }
  | { readonly kind: 'trouble'; readonly failure: Failure }
  | { readonly kind: 'alive' | 'full' };

/** Parses a message; undefined if it is none of this version. */
export function parseNews(value: unknown): TipNews | undefined {
  if (!isRecord(value)) return undefined;
  const { kind, id, tip } = value;
  switch (kind) {
    case 'tip':
      return isTip(tip) ? { kind, tip: tip ?? undefined } : undefined;
    case 'looked':
      return typeof id === 'number' && isTip(tip) ? { kind, id, tip: tip ?? undefined } : undefined;
    case 'look-failed': {
      const failure = toFailure(value.failure);
      return typeof id === 'number' && failure ? { kind, id, failure } : undefined;
    }
    case 'trouble': {
      const failure = toFailure(value.failure);
      return failure && { kind, failure };
    }
    case 'look-yourself':
      return typeof id === 'number' ? { kind, id } : undefined;
    case 'alive':
    case 'full':
      return { kind };
    default:
      return undefined;
  }
}

function toFailure(value: unknown): Failure | undefined {
  if (!isRecord(value) || typeof value.code !== 'string' || typeof value.message !== 'string') return undefined;
  const hint = typeof value.hint === 'string' ? value.hint : undefined;
  return failureFromWire({ code: value.code, message: value.message, hint });
}

function isTip(value: unknown): value is string | null {
  return value === null || isOid(value);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
