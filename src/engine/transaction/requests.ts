/** Where requests are published; `git branch` and a normal clone never see these refs. */
export const REQUESTS: string = 'refs/agentq/requests/';

/** Where a leader leaves word for those whose requests it has carried out. */
export const ANSWERS: string = 'refs/agentq/answers/';

/** All that a look is to show to somebody who may ask for help, or give it. */
export const HELP_REFS: readonly string[] = [REQUESTS, ANSWERS];

/**
 * How long (ms) a request is meant: its owner renews it while it lives, so that what a killed one leaves is soon known
 * for dead. It is dropped only {@link DROP_AFTER_MS} later, for clocks differ: those that are two minutes apart must not
 * make a living agent's request one that is swept away unserved, and its owner somebody who publishes it for ever.
 */
export const REQUEST_TTL_MS = 30_000;
export const DROP_AFTER_MS = 150_000;

/** How long (ms) a request may be carried out, by the clock of whoever does. */
export const MEANT_FOR_MS: number = REQUEST_TTL_MS + DROP_AFTER_MS;
