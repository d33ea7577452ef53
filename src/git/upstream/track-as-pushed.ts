import { appendFileSync, closeSync, fstatSync, lstatSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { RefUpdate } from '../answers/push-outcome.ts';
import { runProcess } from '../process/git-process.ts';
import type { RemoteInfo } from '../repository/remotes.ts';
import type { Repository } from '../repository/repository.ts';
import { looseValue } from '../repository/revision.ts';
import { trackingRef } from '../repository/tracking-ref.ts';

/** What git writes into the log of the ref. */
const MESSAGE = 'update by push';

/** Settings with which git writes refs and their logs in another way. */
const SPECIAL = ['core.sharedrepository', 'core.fsync', 'core.fsyncmethod', 'extensions.refstorage'];

/** A name or an address that git writes as it is. */
const PLAIN = /^[^\0-\x20.,:;<>"\\'](?:[^\0-\x1f<>]*[^\0-\x20.,:;<>"\\'])?$/;

/** Moves the clone's own refs for the refs of the remote, as `git push` does. Never throws: git, too, only warns. */
export async function trackAsPushed(
  repository: Repository,
  { fetch }: RemoteInfo,
  updates: readonly RefUpdate[],
): Promise<void> {
  const input = updates.flatMap(({ ref, to }) => {
    const tracking = trackingRef(fetch, ref);
    if (tracking === undefined || (to !== undefined && moveLoose(repository, tracking, to) === 'moved')) return [];
    return [to === undefined ? `delete ${tracking}\n` : `update ${tracking} ${to}\n`];
  });
  if (input.length === 0) return;
  const args = ['update-ref', '-m', MESSAGE, '--stdin'];
  await runProcess(repository.git, args, { input, endOnAbort: false }).catch(() => undefined);
}

/**
 * Moves a ref as git does it if both the ref and its log have files that git has made: under the ref's lock, the log first.
 * It saves each push a process, which is a twentieth of a claim.
 */
function moveLoose(repository: Repository, ref: string, to: string): 'moved' | 'left-to-git' {
  const { commonDir, identity, bare } = repository;
  const isLogged = ['true', undefined].includes(repository.config('core.logallrefupdates'));
  const isSpecial = bare || !isLogged || SPECIAL.some((key) => repository.config(key) !== undefined);
  if (isSpecial || identity === undefined || !PLAIN.test(identity.name) || !PLAIN.test(identity.email)) {
    return 'left-to-git';
  }
  const path = join(commonDir, ref);
  const log = join(commonDir, 'logs', ref);
  const lock = `${path}.lock`;
  let file: number;
  try {
    file = openSync(lock, 'wx', 0o666);
  } catch {
    return 'left-to-git';
  }
  try {
    const from = looseValue(commonDir, ref);
    if (from === undefined || !lstatSync(log).isFile()) throw new Error('git makes the files');
    const seconds = Math.floor(fstatSync(file).mtimeMs / 1000);
    const line = `${from} ${to} ${identity.name} <${identity.email}> ${seconds} +0000\t${MESSAGE}\n`;
    writeSync(file, `${to}\n`);
    appendFileSync(log, line);
    renameSync(lock, path);
    return 'moved';
  } catch {
    rmSync(lock, { force: true });
    return 'left-to-git';
  } finally {
    closeSync(file);
  }
}
