import { describe, it } from 'vitest';
import { sampleOf } from '../kit/sample.ts';
import { type Family, families, isTested, type ServerRow } from '../kit/servers/server.ts';
import { beRefused, liveOneLife, race } from '../kit/servers/stories.ts';
import { MATRIX } from './matrix.ts';

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
