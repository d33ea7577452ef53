import { expect, it } from 'vitest';
import { changesBack } from '../../../src/git/history/changes.ts';
import { scene } from '../../kit/scene/scene.ts';

const BRANCH = 'refs/heads/develop';

it('a commit comes with its whole message and what it changed, whatever its body looks like', async () => {
  await using box = await scene({ files: { 'q/T.toon': 'one\n' } });
  const dir = box.remote;
  const bodies = ['', ':100644 100644 a b M', 'Reason: no key\n\nAgentq-Task: p/T', 'several\n\n  paragraphs ü'];
  for (const [index, body] of bodies.entries()) {
    await box.commitTo(
      dir,
      BRANCH,
      { 'q/T.toon': `${index}\n`, 'other.txt': `${index}` },
      `change ${index}\n\n${body}\n`,
    );
  }
  const repository = await box.open(dir);
  const told: unknown[] = [];
  for await (const { subject, body, files, trailers } of changesBack(repository, { tip: BRANCH }, ['q/'])) {
    told.push([subject, body.trim(), files.map(({ path }) => path), trailers.length]);
  }
  expect(told.reverse()).toEqual([
    ['Set up', '', ['q/T.toon'], 0],
    ...bodies.map((body, index) => [`change ${index}`, body, ['q/T.toon'], index === 2 ? 1 : 0]),
  ]);
});
