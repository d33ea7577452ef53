import { expect, it } from 'vitest';
import { isTested } from '../kit/servers/server.ts';
import { race } from '../kit/servers/stories.ts';
import { MATRIX } from './matrix.ts';
import { testServers } from './test-servers.ts';

testServers('gitolite');

it.runIf(isTested('gitolite'))(
  'keeps nothing with the rule `RW` if the settings say that nobody asks for help',
  async () => {
    // As on a server that can delete: not one ref of agentq may be left.
    const known = MATRIX.find(({ name }) => name === 'gitolite, `RW`');
    if (known === undefined) throw new Error('no such server');
    const { learns, ...row } = known;
    expect(learns).toBe('late');
    await race(row, 'agentq:\n  combine: local\n');
  },
  300_000,
);
