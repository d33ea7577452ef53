import type { Outcome } from './intent.ts';

/** What an intent of one kind becomes when it is carried out. */
export type OutcomeOf<Kind extends Outcome['kind']> = Extract<Outcome, { readonly kind: Kind }>;

/**
 * The outcome as the kind that the caller's intent becomes.
 * @throws Error where it is of another kind: a defect of ours
 */
export function expectOutcome<Kind extends Outcome['kind']>(outcome: Outcome, kind: Kind): OutcomeOf<Kind> {
  if (isOfKind(outcome, kind)) return outcome;
  throw new Error(`unexpected outcome ${outcome.kind}`);
}

function isOfKind<Kind extends Outcome['kind']>(outcome: Outcome, kind: Kind): outcome is OutcomeOf<Kind> {
  return outcome.kind === kind;
}
