import { mkdir, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { type MeetingPlace, meetingPlaceOf } from '../../../src/engine/open/meeting-place.ts';
import { locate } from '../../../src/git/repository/locate.ts';
import { scene } from '../../kit/scene/scene.ts';

const ORIGIN = '[remote "origin"]\n\turl = https://example.com/q.git\n\tfetch = +refs/heads/*:refs/remotes/origin/*\n';

/** Where processes meet whose repositories, one after the other, have these settings. */
async function placesWith(...configs: readonly string[]): Promise<(MeetingPlace | undefined)[]> {
  await using box = await scene();
  const places: (MeetingPlace | undefined)[] = [];
  for (const [index, config] of configs.entries()) {
    const dir = await box.folder(`clone-${index}`);
    await mkdir(`${dir}/.git`);
    await writeFile(`${dir}/.git/HEAD`, 'ref: refs/heads/develop\n');
    await writeFile(`${dir}/.git/config`, config);
    const located = locate(dir);
    places.push(located && meetingPlaceOf(located, undefined, 'develop', { HOME: '/home/user' }));
  }
  return places;
}

describe('processes of two clones', () => {
  it.each([
    ['are alike', ORIGIN],
    ['differ in comments and blanks', `# Mine\n${ORIGIN.replace('url =', 'url=')} ; here\n`],
    ['differ in quotes', ORIGIN.replace('https://example.com/q.git', '"https://example.com/q.git"')],
    ['differ in what else they fetch', ORIGIN.replace('+refs/heads/*:', '+refs/heads/main:')],
    ['differ in other remotes', `[remote "fork"]\n\turl = https://example.com/fork.git\n${ORIGIN}`],
    ['differ in bookkeeping', `[core]\n\tfilemode = false\n${ORIGIN}[branch "main"]\n\tremote = origin\n`],
  ])('meet where the clones %s', async (_, other) => {
    const [place, same] = await placesWith(ORIGIN, other);
    expect(place).toEqual({ remote: 'origin', url: 'https://example.com/q.git', key: expect.any(String) });
    expect(same).toEqual(place);
  });

  it.each([
    ['where the remote is', ORIGIN.replace('q.git', 'r.git')],
    ['where they push', `${ORIGIN}\tpushurl = https://example.com/r.git\n`],
    ['how URLs are rewritten', `${ORIGIN}[url "ssh://git@example.com/"]\n\tinsteadOf = https://example.com/\n`],
    ['who commits', `${ORIGIN}[user]\n\tname = Somebody else\n`],
    ['whose key is used', `${ORIGIN}[core]\n\tsshCommand = ssh -i key\n`],
    ['whose password is used', `${ORIGIN}[credential]\n\thelper = other\n`],
  ])('do not meet where the clones differ in %s', async (_, other) => {
    const [place, another] = await placesWith(ORIGIN, other);
    expect(another).toMatchObject({ remote: 'origin' });
    expect(another?.key).not.toBe(place?.key);
  });

  it.each([
    ['settings are included', `${ORIGIN}[include]\n\tpath = other\n`],
    ['git would complain', `${ORIGIN}[remote\n`],
    ['there are remotes, and none is named origin', ORIGIN.replace('origin', 'upstream')],
    ['the remote has a push URL alone', ORIGIN.replace('url', 'pushurl')],
  ])('do not meet before git was asked where %s', async (_, config) => {
    expect(await placesWith(config)).toEqual([undefined]);
  });

  it('do not meet where each is its own queue', async () => {
    const [place, another] = await placesWith('[core]\n\tbare = false\n', '[core]\n\tbare = false\n');
    expect(place).toMatchObject({ remote: undefined });
    expect(another?.key).not.toBe(place?.key);
  });
});
