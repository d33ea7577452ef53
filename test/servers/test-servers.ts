import { describe, it } from 'vitest';
import { sampleOf } from '../kit/sample.ts';
import type { Family, MeetingFamily, ServerRow } from '../kit/servers/server.ts';
import { beRefused, liveOneLife, race } from '../kit/servers/stories.ts';
import { MATRIX } from './matrix.ts';

/**
 * Families whose tests run, as `npm run test:servers` says it: those whose programs are there. `npm test` has none of them: it
 * runs a sample of the hosts, which need nothing but git.
 */
export const families: readonly string[] | undefined = process.env.TEST_SERVERS?.split(',');

/** Whether `npm run test:servers` runs, and the programs of the family are there. */
export function isTested(family: Family | MeetingFamily): boolean {
  return families?.includes(family) === true;
}

/** The tests of all servers of a family. */
export function testServers(family: Family): void {
  const rows = MATRIX.filter((row) => row.family === family);
  const isSample = families === undefined && family === 'hosted';
  for (const row of rows) {
    describe.runIf(isTested(family))(row.name, () => testsOf(row));
  }
  if (isSample) it.each(sampleOf(rows, 3))('$name', (row) => (row.allows === 'reading' ? beRefused(row) : race(row)));
}

/** On a busy machine a server with a login for each connection takes seconds for each of 50 of them. */
const LIMIT_MS = 300_000;

function testsOf(row: ServerRow): void {
  if (row.allows === 'reading') {
    it('says why nothing can be pushed, at once', () => beRefused(row));
    return;
  }
  it('has the life of a task, with heartbeats as commits', () => liveOneLife(row, 'commit'), LIMIT_MS);
  it('has the life of a task, with heartbeats as refs', () => liveOneLife(row, 'ref'), LIMIT_MS);
  it('has ten machines claim and complete at once', () => race(row), LIMIT_MS);
}
