import type { Outcome } from './outcome.ts';

/** The outcomes of one kind. */
export type OutcomeOf<Kind extends Outcome['kind']> = Extract<Outcome, { readonly kind: Kind }>;

/**
 * The outcome, narrowed to the kind that the caller's intent leads to.
 * @throws Error if it is of another kind, which is a defect of agentq
 */
export function expectOutcome<Kind extends Outcome['kind']>(outcome: Outcome, kind: Kind): OutcomeOf<Kind> {
  if (isOfKind(outcome, kind)) return outcome;
  throw new Error(`unexpected outcome ${outcome.kind}`);
}

function isOfKind<Kind extends Outcome['kind']>(outcome: Outcome, kind: Kind): outcome is OutcomeOf<Kind> {
  return outcome.kind === kind;
}
