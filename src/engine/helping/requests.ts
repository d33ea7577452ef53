/** Where requests are published; `git branch` and a normal clone never see these refs. */
export const REQUESTS: string = 'refs/agentq/requests/';

/** Where a leader leaves word for those whose requests it has served. */
export const ANSWERS: string = 'refs/agentq/answers/';

/** All that a look is to show to somebody who may ask for help, or give it. */
export const HELP_REFS: readonly string[] = [REQUESTS, ANSWERS];
