import { readFileSync } from 'node:fs';

/** Assumed if the system does not tell: node raises its own limit as far as it may, mostly much further. */
const UNTOLD = 1024;

/** Files that a process of ours needs besides its peers: for itself, and for the pipes of git. */
const OWN = 8;

/**
 * How many peers one process may have and still have files for its own work: a leader that cannot start git is of no
 * use to its followers. Each peer is one open file.
 *
 * @param limits what the system tells about the limits of this process: `/proc/self/limits` of Linux
 */
export function mostPeers(limits: string | undefined = readLimits()): number {
  const soft = /^Max open files +(\d+|unlimited)/m.exec(limits ?? '')?.[1];
  if (soft === 'unlimited') return Number.POSITIVE_INFINITY;
  return Math.max(1, Math.floor(Number(soft ?? UNTOLD) / 2) - OWN);
}

function readLimits(): string | undefined {
  try {
    return readFileSync('/proc/self/limits', 'latin1');
  } catch {
    return undefined;
  }
}
