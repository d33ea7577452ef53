import { HEARTBEATS } from '../../domain/leases/ref-heartbeat.ts';

/** Where requests are published; `git branch` and a normal clone never see these refs. */
export const REQUESTS: string = 'refs/agentq/requests/';

/** Where a leader leaves answers for the machines whose requests it has carried out. */
export const ANSWERS: string = 'refs/agentq/answers/';

/**
 * The refs that a look must show to a machine that may ask for help, or give it; and heartbeats, which go with the claims
 * that a push ends.
 */
export const HELP_REFS: readonly string[] = [REQUESTS, ANSWERS, HEARTBEATS];

/**
 * How long (ms) a request is valid. Its owner renews it while it lives, so that the request of a killed one is soon
 * known to be dead. It is dropped only {@link DROP_AFTER_MS} later, since clocks differ: if they are two minutes apart,
 * the request of a living agent must not be swept away unserved, for its owner would publish it again forever.
 */
export const REQUEST_TTL_MS = 30_000;
export const DROP_AFTER_MS = 150_000;

/** How long (ms) a request may be carried out, by the clock of the machine that does so. */
export const MEANT_FOR_MS: number = REQUEST_TTL_MS + DROP_AFTER_MS;
