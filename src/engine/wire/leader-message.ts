import { Failure, type FailureCode } from '../../domain/base/failure.ts';
import { given } from '../../domain/base/given.ts';
import type { Intent } from '../../domain/intents/intent.ts';
import type { HandedPack } from '../../git/checkout/handed-pack.ts';
import type { Settled } from '../base/engine.ts';
import type { Answer } from './ticket.ts';
import type { LeaderMessage, WireFailure } from './wire.ts';

/**
 * Parses a message of a leader. The leader is a process of the same user and the same version (the name of the socket
 * holds both), so only the shape is checked, and the content is trusted.
 *
 * It is parsed by hand, unlike everything that comes from strangers: a follower does nothing else, and loading a schema
 * library for it took as long as the rest of its life (10 of 20 ms on top of bare node).
 */
export function parseLeaderMessage(value: unknown, intent: Intent): LeaderMessage | undefined {
  if (!isRecord(value)) return undefined;
  switch (value.kind) {
    case 'alive':
      return { kind: 'alive' };
    case 'cancelled':
    case 'moved':
      return { kind: value.kind, ...baseIn(value) };
    case 'taken':
      return isOid(value.base) ? { kind: 'taken', base: value.base } : undefined;
    case 'failed': {
      const { failure } = value;
      if (!isRecord(failure) || typeof failure.code !== 'string' || typeof failure.message !== 'string')
        return undefined;
      const hint = typeof failure.hint === 'string' ? failure.hint : undefined;
      return { kind: 'failed', failure: { code: failure.code, message: failure.message, hint }, ...baseIn(value) };
    }
    case 'answer': {
      const { settled, attempts, rejectedPushes, backoffBaseMs } = value;
      const hasCounts = [attempts, rejectedPushes, backoffBaseMs].every((count) => typeof count === 'number');
      if (!hasCounts || !isSettled(settled)) return undefined;
      const { pack, ...answer } = value as unknown as { kind: 'answer' } & Answer;
      // A courtesy: one that is not understood is left out.
      return { ...answer, settled: { ...settled, intent } as Settled, ...given({ pack: handedPack(pack) }) };
    }
    default:
      return undefined;
  }
}

/** The failure as it travels. Any other error is a defect of this process. */
export function failureToWire(error: unknown): WireFailure {
  return error instanceof Failure
    ? { code: error.code, message: error.message, hint: error.hint }
    : { code: 'internal', message: error instanceof Error ? error.message : String(error), hint: undefined };
}

/** The failure as its receiver throws it. */
export function failureFromWire({ code, message, hint }: WireFailure): Failure {
  return new Failure(code as FailureCode, message, given({ hint }));
}

function handedPack(value: unknown): HandedPack | undefined {
  if (!isRecord(value)) return undefined;
  const { path, packBytes, indexBytes, tip, from } = value;
  if (typeof path !== 'string' || !/^\/[^\0]*\/pack-[0-9a-f]{40}$/.test(path)) return undefined;
  if (typeof packBytes !== 'number' || typeof indexBytes !== 'number' || !isOid(tip) || !isOid(from)) return undefined;
  return { path, packBytes, indexBytes, tip, from };
}

function baseIn({ base }: Readonly<Record<string, unknown>>): { readonly base?: string } {
  return isOid(base) ? { base } : {};
}

function isSettled(value: unknown): value is Readonly<Record<string, unknown>> {
  if (!isRecord(value)) return false;
  if (value.kind === 'refused') return isRecord(value.refusal) && typeof value.refusal.message === 'string';
  const hasCommit = value.commit === undefined || isOid(value.commit);
  return value.kind === 'done' && isRecord(value.outcome) && hasCommit && isOid(value.base);
}

/** Whether the value is the id of a git object, in SHA-1 or SHA-256. */
export function isOid(value: unknown): value is string {
  return typeof value === 'string' && /^[0-9a-f]{40}([0-9a-f]{24})?$/.test(value);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
