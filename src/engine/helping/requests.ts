/** Where requests are published; `git branch` and a normal clone never see these refs. */
export const REQUESTS: string = 'refs/agentq/requests/';
