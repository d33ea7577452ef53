import { Failure } from '../../domain/base/failure.ts';
import type { Intent } from '../../domain/intents/intent.ts';
import type { BranchMap } from './branch-map.ts';
import { routeOf } from './routes.ts';

/** The failure of an intent on the branch of a project that does not exist yet. */
export function missingBranch(error: Failure, intent: Intent, { main, ownership }: BranchMap): Failure {
  const route = routeOf(intent, ownership);
  if (route.kind !== 'branch' || route.branch === main) return error;
  const { branch, project = '' } = route;
  return new Failure('branch-missing', `${project} lives on the branch ${branch}, and there is no such branch yet`, {
    hint: `adding a task to ${project} makes it, or \`agentq branch ${project} ${branch}\``,
  });
}

/** Says that a claim on a branch that was named has not looked at the others. */
export function notLookedAt(error: unknown, { others }: BranchMap): unknown {
  if (others.length === 0 || !(error instanceof Failure) || error.code !== 'nothing-claimable') return error;
  const { code, message, details } = error;
  const rest = `other projects live on ${others.join(', ')}, which were not looked at since a branch is named`;
  return new Failure(code, `${message}; ${rest}`, { details, cause: error });
}
