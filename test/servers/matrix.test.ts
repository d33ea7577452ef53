import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { NEEDS } from '../../scripts/servers.mjs';
import { rowsAfter } from '../kit/markdown-table.ts';
import { FAMILIES, families, isTested, MEETING_FAMILIES } from '../kit/servers/server.ts';
import { MATRIX } from './matrix.ts';

/** What else speaks of the servers of the matrix: a page for users, and the script that installs them. */

const page = readFileSync(fileURLToPath(new URL('../../docs/servers.md', import.meta.url)), 'utf8');

it('docs/servers.md has every server, in this order, and what it allows', () => {
  const rows = rowsAfter(page, '| server ').map(([name, allows]) => [name, allows]);
  expect(rows).toEqual(MATRIX.map(({ name, allows }) => [name, allows]));
});

it('docs/servers.md says what agentq does, whatever a server allows', () => {
  const explained = rowsAfter(page, '| allows ').map(([allows]) => allows);
  expect(explained.sort()).toEqual([...new Set(MATRIX.map(({ allows }) => allows))].sort());
});

it('the script knows what every family needs', () => {
  expect(Object.keys(NEEDS)).toEqual([...FAMILIES, ...MEETING_FAMILIES]);
  expect(new Set(MATRIX.map(({ family }) => family))).toEqual(new Set(FAMILIES));
});

it('a server where nothing can be pushed says so', () => {
  const silent = MATRIX.filter(({ allows, says }) => (allows === 'reading') !== (says !== undefined));
  expect(silent.map(({ name }) => name)).toEqual([]);
});

const missing = [...FAMILIES, ...MEETING_FAMILIES].filter((family) => !isTested(family));
const named = missing.map((family) => (family === 'hosted' && families === undefined ? 'most of hosted' : family));
if (named.length > 0) console.info(`Not tested here, but by npm run test:servers: ${named.join(', ')}`);
