/**
 * What agentq costs before it does anything, as ratios of medians from the same run: absolute times say more about the
 * machine than about agentq. Runs are interleaved, so that a busy moment hits all alike.
 *
 *     npm run bench:startup -- [rounds]
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { environmentNote } from './support/environment.ts';

const bin = fileURLToPath(new URL('../../bin/agentq.js', import.meta.url));
const rounds = Number(process.argv[2] ?? 40);

/** Most that the version may cost, as a multiple of bare node. */
const LIMIT = 1.3;

interface Contender {
  readonly name: string;
  readonly args: readonly string[];
  readonly times: number[];
}

const bare: Contender = { name: 'node -e 0', args: ['-e', '0'], times: [] };
const version: Contender = { name: 'agentq --version', args: [bin, '--version'], times: [] };
const help: Contender = { name: 'agentq --help', args: [bin, '--help'], times: [] };
const contenders = [bare, version, help];

for (let round = -3; round < rounds; round++) {
  for (const { name, args, times } of contenders) {
    const startedAt = process.hrtime.bigint();
    const { status } = spawnSync(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    const elapsed = Number(process.hrtime.bigint() - startedAt) / 1e6;
    if (status !== 0) throw new Error(`${name} ended with ${status}`);
    // The first rounds warm the disk cache.
    if (round >= 0) times.push(elapsed);
  }
}

const baseline = median(bare.times);
const rows = contenders.map(({ name, times }) => ({
  what: name,
  'median ms': median(times).toFixed(1),
  'p90 ms': quantile(times, 0.9).toFixed(1),
  ratio: (median(times) / baseline).toFixed(2),
}));
console.table(rows);

const ratio = median(version.times) / baseline;
console.log(
  `agentq --version costs ${ratio.toFixed(2)} times bare node; the limit is ${LIMIT}. ${environmentNote()}`.trimEnd(),
);
if (ratio > LIMIT) process.exitCode = 1;

function median(times: readonly number[]): number {
  return quantile(times, 0.5);
}

function quantile(times: readonly number[], q: number): number {
  const sorted = [...times].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? Number.NaN;
}
