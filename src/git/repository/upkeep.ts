import { mkdirSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Repository } from './repository.ts';

/** What became of a request to pack. */
export type Upkeep =
  | 'started'
  /** There is little to pack, or it was packed a short while ago. */
  | 'not-due'
  /** A git process is already packing, ours or the user's. */
  | 'under-way'
  /** The user's configuration says that somebody else takes care of it, or nobody. */
  | 'left-to-user';

/** Git's own limits, for a user who has set none. */
const LOOSE_OBJECTS = 6700;
const PACKS = 50;

/** Git looks into this one of 256 folders, and takes it for an average one. */
const SAMPLE = '17';

/** Shortest time (ms) between two starts. Packing takes two of them: what one packed, the next removes. */
const PAUSE_MS = 10 * 60_000;

/** A lock of git's upkeep that is older than this (ms) was left by one that was killed. */
const ABANDONED_AFTER_MS = 24 * 60 * 60_000;

/**
 * Starts git's own upkeep of the object store if it is due: where only agentq runs, nobody else does. 4,081 commits
 * were 31,085 files and 150 MB, and 7.7 MB when they were packed.
 *
 * It runs by itself, at the lowest priority, and outlives this process, as git's own does. It only ever packs: `git
 * maintenance` packs all loose objects, also those that no ref reaches, because another process may be about to push
 * them, and removes the loose ones only the next time, when every reader knows the pack. Nothing is pruned.
 *
 * To find out costs the reading of two folders. Never throws.
 */
export function startUpkeep(repository: Repository): Upkeep {
  try {
    if (isLeftToUser(repository)) return 'left-to-user';
    const tasks = dueTasks(repository);
    if (tasks.length === 0) return 'not-due';
    if (isUnderWay(repository)) return 'under-way';
    if (!isTurn(join(repository.commonDir, 'agentq'))) return 'not-due';
    // Without names, git finds similar objects only in a wide window: 0.99 instead of 3.39 MB for a thousand claims.
    repository.git.startAlone(
      ['maintenance', 'run', '--quiet', ...tasks.map((task) => `--task=${task}`)],
      ['pack.window=50', 'pack.threads=1'],
    );
    return 'started';
  } catch {
    // A folder that cannot be read or written: others will find that out.
    return 'not-due';
  }
}

/** A user who switched git's own upkeep off, scheduled it, or wants none in the background gets none from us. */
function isLeftToUser(repository: Repository): boolean {
  const isOff = (key: string): boolean => /^(?:false|no|off|0|)$/i.test(repository.config(key, 'users') ?? 'true');
  const strategy = repository.config('maintenance.strategy', 'users') ?? 'none';
  const limit = numberIn(repository.config('gc.auto', 'users'));
  return (
    (limit !== undefined && limit <= 0) ||
    strategy !== 'none' ||
    ['maintenance.auto', 'maintenance.autodetach', 'gc.autodetach'].some(isOff)
  );
}

function dueTasks(repository: Repository): readonly string[] {
  const objects = join(repository.commonDir, 'objects');
  const loose = namesIn(join(objects, SAMPLE)).filter((name) => /^[0-9a-f]{38,62}$/.test(name)).length;
  const mostLoose = Math.ceil((numberIn(repository.config('gc.auto', 'users')) ?? LOOSE_OBJECTS) / 256);
  const tasks = loose > mostLoose ? ['loose-objects'] : [];
  const mostPacks = numberIn(repository.config('gc.autopacklimit', 'users')) ?? PACKS;
  // The packs of a partial clone are of two kinds, and this task mixes them.
  if (mostPacks > 0 && !repository.partial) {
    const files = new Set(namesIn(join(objects, 'pack')));
    const packs = [...files].filter((name) => name.endsWith('.pack') && !files.has(name.replace(/pack$/, 'keep')));
    if (packs.length > mostPacks) tasks.push('incremental-repack');
  }
  return tasks;
}

function isUnderWay({ commonDir }: Repository): boolean {
  const ageOf = (path: string): number | undefined => {
    const lock = statSync(path, { throwIfNoEntry: false });
    return lock === undefined ? undefined : Math.abs(clockOf(commonDir) - lock.mtimeMs);
  };
  const lock = join(commonDir, 'objects', 'maintenance.lock');
  for (const path of [lock, join(commonDir, 'gc.pid')]) {
    const age = ageOf(path);
    if (age === undefined) continue;
    if (age < ABANDONED_AFTER_MS) return true;
    // Git never looks at how old this one is: nobody would pack here any more.
    if (path === lock) rmSync(path, { force: true });
  }
  return false;
}

/** Takes the turn to start, if the last start is long enough ago. Two processes may both take it: git has a lock. */
function isTurn(folder: string): boolean {
  mkdirSync(folder, { recursive: true });
  const stamp = join(folder, 'upkeep');
  const before = statSync(stamp, { throwIfNoEntry: false })?.mtimeMs;
  const now = clockOf(folder);
  if (before !== undefined && now >= before && now - before < PAUSE_MS) return false;
  writeFileSync(stamp, '');
  utimesSync(stamp, now / 1000, now / 1000);
  return true;
}

/** The time (ms) by the clock of the file system that the folder is in. */
function clockOf(folder: string): number {
  const path = join(folder, `upkeep-clock-${process.pid}`);
  writeFileSync(path, '');
  try {
    return statSync(path).mtimeMs;
  } finally {
    rmSync(path, { force: true });
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    // No object has got there yet.
    return [];
  }
}

const UNITS: Readonly<Record<string, number>> = { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 };

/** A number as git writes it (`10k`); undefined if there is none: then git's own default counts. */
function numberIn(text: string | undefined): number | undefined {
  const [, digits, unit = ''] = /^(-?\d{1,9})([kmg]?)$/i.exec(text?.trim() ?? '') ?? [];
  return digits === undefined ? undefined : Number(digits) * (UNITS[unit.toLowerCase()] ?? 1);
}
