import { readdirSync, readFileSync } from 'node:fs';

/** Most that a program and everything below it have used at one time. */
export interface TreePeak {
  /** Memory of the program itself, in MB. */
  readonly memoryMb: number;
  /** Open files of the program itself. */
  readonly files: number;
  /** Git processes below it. */
  readonly gits: number;
  /** Memory of all git processes below it together, in MB; pages that they share count once for each. */
  readonly gitMb: number;
}

/** A process as Linux lists it. */
interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly name: string;
}

const EVERY_MS = 500;

/**
 * Watches the first child of a process, and what is below that child, twice a second: what lives shorter may be missed.
 * Linux only; elsewhere everything is NaN.
 * @returns the function that ends it
 */
export function watchTree(wrapper: number): () => TreePeak {
  let peak: TreePeak | undefined;
  const look = (): void => {
    const now = peakOf(wrapper);
    if (now === undefined) return;
    peak = peak === undefined ? now : larger(peak, now);
  };
  const timer = setInterval(look, EVERY_MS);
  return () => {
    clearInterval(timer);
    return peak ?? { memoryMb: Number.NaN, files: Number.NaN, gits: Number.NaN, gitMb: Number.NaN };
  };
}

function larger(one: TreePeak, other: TreePeak): TreePeak {
  return {
    memoryMb: Math.max(one.memoryMb, other.memoryMb),
    files: Math.max(one.files, other.files),
    gits: Math.max(one.gits, other.gits),
    gitMb: Math.max(one.gitMb, other.gitMb),
  };
}

function peakOf(wrapper: number): TreePeak | undefined {
  const children = groupByParent(processes());
  const [program] = children.get(wrapper) ?? [];
  if (program === undefined) return undefined;
  const gits = below(program.pid, children).filter(({ name }) => name.startsWith('git'));
  return {
    memoryMb: megabytes(program.pid, 'VmHWM'),
    files: countFiles(program.pid),
    gits: gits.length,
    gitMb: gits.reduce((sum, { pid }) => sum + megabytes(pid, 'VmRSS'), 0),
  };
}

function processes(): Process[] {
  return names('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      // "pid (name) state parent ...", and a name may have spaces and brackets.
      const stat = textOf(`/proc/${name}/stat`);
      const end = stat.lastIndexOf(')');
      if (end < 0) return [];
      const parent = Number(stat.slice(end + 2).split(' ')[1]);
      return [{ pid: Number(name), parent, name: stat.slice(stat.indexOf('(') + 1, end) }];
    });
}

function groupByParent(all: readonly Process[]): ReadonlyMap<number, readonly Process[]> {
  const children = new Map<number, Process[]>();
  for (const one of all) {
    const siblings = children.get(one.parent);
    if (siblings === undefined) children.set(one.parent, [one]);
    else siblings.push(one);
  }
  return children;
}

function below(pid: number, children: ReadonlyMap<number, readonly Process[]>): Process[] {
  return (children.get(pid) ?? []).flatMap((child) => [child, ...below(child.pid, children)]);
}

function megabytes(pid: number, what: 'VmHWM' | 'VmRSS'): number {
  const [, kilobytes] = new RegExp(`^${what}:\\s*(\\d+) kB`, 'm').exec(textOf(`/proc/${pid}/status`)) ?? [];
  return Number(kilobytes ?? 0) / 1024;
}

function countFiles(pid: number): number {
  return names(`/proc/${pid}/fd`).length;
}

function names(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** Empty if the process has ended meanwhile. */
function textOf(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
