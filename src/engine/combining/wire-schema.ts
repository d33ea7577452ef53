import * as z from 'zod';
import { Failure, type FailureCode } from '../../domain/failure.ts';
import type { Intent } from '../../domain/intent.ts';
import type { Pending, Settled } from '../engine.ts';
import { parsePending } from '../intent-schema.ts';
import type { LeaderMessage, WireFailure } from './wire.ts';

const oid = z.string().regex(/^[0-9a-f]{40}([0-9a-f]{24})?$/);
const count = z.int().min(0);

const leaderMessage = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('taken'), base: oid }),
  z.object({ kind: z.literal('cancelled') }),
  z.object({ kind: z.literal('moved') }),
  z.object({
    kind: z.literal('failed'),
    failure: z.object({ code: z.string(), message: z.string(), hint: z.string().optional() }),
  }),
  z.object({
    kind: z.literal('answer'),
    attempts: count,
    rejectedPushes: count,
    settled: z.discriminatedUnion('kind', [
      z.object({
        kind: z.literal('done'),
        outcome: z.looseObject({ kind: z.string() }),
        commit: oid.optional(),
        base: oid,
      }),
      z.object({ kind: z.literal('refused'), refusal: z.looseObject({ code: z.string(), message: z.string() }) }),
    ]),
  }),
]);

/**
 * A message of a leader: a process of the same user and of the very same version (the socket's name holds it), so the
 * shape is checked, and the outcome within is taken as the leader's engine made it.
 */
export function parseLeaderMessage(value: unknown, intent: Intent): LeaderMessage | undefined {
  const parsed = leaderMessage.safeParse(value);
  if (!parsed.success) return undefined;
  const message = parsed.data;
  if (message.kind === 'failed') {
    const { code, message: words, hint } = message.failure;
    return { kind: 'failed', failure: { code, message: words, hint } };
  }
  if (message.kind !== 'answer') return message;
  return { ...message, settled: { ...message.settled, intent } as Settled };
}

/** A follower's submission, or undefined where it is none. */
export function parseSubmission(value: unknown): Pending | undefined {
  const parsed = z.object({ kind: z.literal('submit'), pending: z.unknown() }).safeParse(value);
  return parsed.success ? parsePending(parsed.data.pending) : undefined;
}

/** Whether the message is a follower's cancellation. */
export function isCancellation(value: unknown): boolean {
  return z.object({ kind: z.literal('cancel') }).safeParse(value).success;
}

/** The failure as it travels. Anything that is none is a defect, which is no answer for another process. */
export function failureToWire(error: unknown): WireFailure {
  return error instanceof Failure
    ? { code: error.code, message: error.message, hint: error.hint }
    : { code: 'internal', message: error instanceof Error ? error.message : String(error), hint: undefined };
}

/** The failure as its receiver throws it. */
export function failureFromWire({ code, message, hint }: WireFailure): Failure {
  return new Failure(code as FailureCode, message, hint === undefined ? {} : { hint });
}
