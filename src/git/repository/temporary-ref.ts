import { randomBytes } from 'node:crypto';

/** Refs that live for the time of one fetch or one fast-import. */
export const TEMPORARY_REFS = 'refs/agentq/tmp/';

/** A name under `refs/agentq/tmp/` that nobody else has. */
export function temporaryRef(): string {
  return `${TEMPORARY_REFS}${process.pid}-${randomBytes(8).toString('hex')}`;
}
