import { readFileSync } from 'node:fs';

/** Taken where the system does not tell: node raises its own limit as far as it may, which is mostly much further. */
const UNTOLD = 1024;

/** What a process of ours needs beside its peers: itself, and the pipes of git. */
const OWN = 8;

/**
 * How many peers one process may have, so that it still has files for its own work: a leader that can start no git is of no
 * use to those who follow it. Each peer is one open file.
 *
 * @param limits what the system tells of this process' limits: `/proc/self/limits` of Linux
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
