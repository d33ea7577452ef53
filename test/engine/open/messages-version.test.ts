import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { expect, it } from 'vitest';
import { codeOf, inRepository } from '../../kit/code-of.ts';

const OWN = 'src/engine/open/messages-version.ts';

/** What processes that meet say to each other, and what they take for understood without saying it. */
const MESSAGES = [
  'src/domain/intents/intent.ts',
  'src/domain/intents/outcome.ts',
  'src/engine/wire/add-schema.ts',
  'src/engine/combining/follower-message.ts',
  'src/engine/combining/follower.ts',
  'src/engine/wire/leader-message.ts',
  'src/engine/wire/machine-message.ts',
  'src/engine/wire/ticket.ts',
  'src/engine/wire/wire.ts',
  'src/engine/base/engine.ts',
  'src/engine/wire/intent-schema.ts',
  'src/engine/waiting/link.ts',
  'src/engine/waiting/tip-wire.ts',
  'src/machine/socket-channel.ts',
];

it('changes the version of the messages with their sources: versions that do not understand each other do not meet', async () => {
  const hash = createHash('sha256');
  for (const path of MESSAGES) hash.update(`${path}\n${codeOf(path)}\n`);
  const version = hash.digest('hex').slice(0, 12);
  await expect(
    `/**
 * Stands for what processes that meet say to each other: it is part of the key that they meet at, so that different versions
 * never meet. A test computes it from the sources of the messages, so that it cannot be forgotten, and writes this file:
 * \`npx vitest run test/engine/open/messages-version.test.ts -u\`.
 */
export const MESSAGES_VERSION: string = '${version}';
`,
    `npx vitest run test/engine/open/messages-version.test.ts -u`,
  ).toMatchFileSnapshot(inRepository(OWN));
});

it('leaves no message out', () => {
  const files = ['src/engine/wire', 'src/engine/combining', 'src/engine/waiting'].flatMap((folder) =>
    readdirSync(inRepository(folder)).map((name) => `${folder}/${name}`),
  );
  expect(files.filter((path) => /(wire|-message)\.ts$/.test(path) && !MESSAGES.includes(path))).toEqual([]);
});
