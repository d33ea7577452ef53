import type { SignIn } from '../../../src/domain/leases/sign-in.ts';

/** Some sign-in; what is not given is what a worker says at this time. */
export function signInOf(agents: readonly string[], seen: number, more: Partial<SignIn> = {}): SignIn {
  return {
    agents,
    machine: 'builder',
    machineId: 'm1',
    pid: 7,
    command: 'work',
    version: '1.0.0',
    capabilities: [],
    since: seen,
    seen,
    validMs: 15 * 60_000,
    ...more,
  };
}
