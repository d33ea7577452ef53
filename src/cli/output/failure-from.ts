import { Failure } from '../../domain/base/failure.ts';

/** Anything thrown as a failure: a limit of this machine, or else a defect of agentq. */
export async function failureFrom(error: unknown): Promise<Failure> {
  if (error instanceof Failure) return error;
  const { troubleIn } = await import('../../git/process/local-trouble.ts');
  const trouble = troubleIn(error);
  if (trouble !== undefined) return trouble;
  const message = error instanceof Error ? error.message : String(error);
  return new Failure('internal', message || 'an error without a message', {
    hint: 'set AGENTQ_DEBUG=1 for the stack',
    cause: error,
  });
}
