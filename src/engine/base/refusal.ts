import { Failure, type Refusal } from '../../domain/base/failure.ts';
import { given } from '../../domain/base/given.ts';

/** The failure that a caller of one intent sees for its refusal. */
export function failureOf(refusal: Refusal): Failure {
  if (refusal.code === 'nothing-claimable') {
    return new Failure(refusal.code, refusal.message, { details: { why: refusal.why } });
  }
  if (refusal.code === 'other-branch') {
    return new Failure(refusal.code, refusal.message, { details: given({ branch: refusal.branch }) });
  }
  const { code, message, hint, asked } = refusal;
  return new Failure(code, message, { ...given({ hint }), details: given({ asked }) });
}
