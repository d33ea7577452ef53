import { Failure, type FailureCode } from '../../domain/base/failure.ts';

/**
 * Whether the failure is about this process, its clone or its credentials, and not about the queue. Such a failure is
 * no answer for followers: they find another leader.
 */
export function isOurOwn(error: unknown): boolean {
  return !(error instanceof Failure) || OUR_OWN.has(error.code);
}

const OUR_OWN: ReadonlySet<string> = new Set<FailureCode>([
  'interrupted',
  'timed-out',
  'internal',
  'not-a-repository',
  'git-unusable',
  'machine-unusable',
  'repository-damaged',
  'remote-missing',
  'remote-refused',
]);
