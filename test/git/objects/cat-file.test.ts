import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { type CatFile, catFileOnDemand, startCatFile } from '../../../src/git/objects/cat-file.ts';
import type { GitClient } from '../../../src/git/process/git-client.ts';
import { type Scene, scene } from '../../kit/scene/scene.ts';

/** A reader, and the processes that it has started; `onStart` is told about each. */
function reader(
  box: Scene,
  start: (git: GitClient) => CatFile,
  onStart: (child: ChildProcess) => void = () => undefined,
): { readonly objects: CatFile; readonly children: readonly ChildProcess[] } {
  const children: ChildProcess[] = [];
  const git = box.client('clone');
  const objects = start({
    ...git,
    spawn(...args) {
      const child = git.spawn(...args);
      children.push(child);
      onStart(child);
      return child;
    },
  });
  box.owns(objects);
  return { objects, children };
}

async function end(child: ChildProcess | undefined, signal: NodeJS.Signals): Promise<void> {
  const closed = child === undefined ? undefined : once(child, 'close');
  child?.kill(signal);
  await closed;
}

describe.each([
  ['at once', startCatFile],
  ['on demand', catFileOnDemand],
] as const)('a reader that is started %s', (_, start) => {
  it('goes on with another process when somebody has ended its own', async () => {
    await using box = await scene({ files: { 'a.txt': 'a' }, clones: ['clone'] });
    const { objects, children } = reader(box, start);
    const ask = () => objects.ask('info', ['HEAD^{commit}']);
    const first = await ask();
    expect(first[0]?.header?.type).toBe('commit');
    await end(children[0], 'SIGTERM');
    expect(await Promise.all([ask(), ask()])).toEqual([first, first]);
    // While a question waits for its answer, too.
    children[1]?.kill('SIGSTOP');
    const waiting = ask();
    children[1]?.kill('SIGINT');
    children[1]?.kill('SIGCONT');
    expect(await waiting).toEqual(first);
    expect(children).toHaveLength(3);
    await objects.close();
    await expect(ask()).rejects.toMatchObject({ message: 'the object reader is closed' });
    expect(children).toHaveLength(3);
  });
});

describe('a question', () => {
  it('is given up where each process is ended', async () => {
    await using box = await scene({ files: { 'a.txt': 'a' }, clones: ['clone'] });
    const { objects, children } = reader(box, catFileOnDemand, (child) => child.kill('SIGTERM'));
    await expect(objects.ask('info', ['HEAD^{commit}'])).rejects.toMatchObject({
      message: expect.stringContaining('SIGTERM'),
    });
    expect(children).toHaveLength(4);
  });

  it('fails for lack of memory once, and the next one is asked of another process', async () => {
    await using box = await scene({ files: { 'a.txt': 'a' }, clones: ['clone'] });
    const { objects, children } = reader(box, startCatFile);
    await end(children[0], 'SIGKILL');
    await expect(objects.ask('info', ['HEAD^{commit}'])).rejects.toMatchObject({ code: 'machine-unusable' });
    expect(await objects.ask('info', ['HEAD^{commit}'])).toHaveLength(1);
  });
});
