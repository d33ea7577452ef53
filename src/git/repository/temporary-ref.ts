import { randomBytes } from 'node:crypto';

/** Refs that exist only during one fetch or one fast-import. */
export const TEMPORARY_REFS = 'refs/agentq/tmp/';

/** A unique name under `refs/agentq/tmp/`. */
export function temporaryRef(): string {
  return `${TEMPORARY_REFS}${process.pid}-${randomBytes(8).toString('hex')}`;
}
