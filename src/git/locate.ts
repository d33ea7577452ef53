import { readFile, stat } from 'node:fs/promises';
import { dirname, isAbsolute, join, resolve } from 'node:path';

/** A repository as far as a few files tell, without any git process. */
export interface Located {
  /** The lines of its configuration that say where remotes are and who commits, in order. */
  readonly settings: readonly string[];
  /** The branch that HEAD names, such as `refs/heads/develop`; undefined where HEAD is detached. */
  readonly head: string | undefined;
  /** Absolute; shared by all worktrees. */
  readonly commonDir: string;
}

/** Sections that decide which remote a name means, how it is reached and who is the committer. */
const TELLING =
  /^(remote|url|user|committer|author|include|includeif|http|credential|core|extensions|transfer|push)\b/i;

/**
 * Finds the repository that `dir` is in by looking for `.git`, as git does, and reads what processes must have in common
 * to be served by one of them. Used only to group processes: whatever is unusual gives undefined, and git decides.
 */
export async function locate(dir: string): Promise<Located | undefined> {
  try {
    for (let at = resolve(dir); ; at = dirname(at)) {
      const gitDir = await gitDirOf(at);
      if (gitDir !== undefined) return await read(gitDir);
      if (dirname(at) === at) return undefined;
    }
  } catch {
    return undefined;
  }
}

async function gitDirOf(folder: string): Promise<string | undefined> {
  const dotGit = join(folder, '.git');
  const found = await stat(dotGit).catch(() => undefined);
  if (found?.isDirectory() === true) return dotGit;
  if (found?.isFile() === true) {
    // A linked worktree or a submodule: `gitdir: <path>`.
    const path = /^gitdir: (.+)$/m.exec(await readFile(dotGit, 'utf8'))?.[1];
    return path === undefined ? undefined : resolve(folder, path);
  }
  const isBare = (await stat(join(folder, 'HEAD')).catch(() => undefined)) && (await isFolder(join(folder, 'objects')));
  return isBare ? folder : undefined;
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() === true;
}

async function read(gitDir: string): Promise<Located> {
  const common = (await readFile(join(gitDir, 'commondir'), 'utf8').catch(() => '.')).trim();
  const commonDir = isAbsolute(common) ? common : resolve(gitDir, common);
  const [config, own, head] = await Promise.all([
    readFile(join(commonDir, 'config'), 'utf8'),
    readFile(join(gitDir, 'config.worktree'), 'utf8').catch(() => ''),
    readFile(join(gitDir, 'HEAD'), 'utf8'),
  ]);
  const settings = `${config}\n${own}`.split('\n').map((line) => line.trim());
  return { settings: tellingLines(settings), head: /^ref: (\S+)/.exec(head)?.[1], commonDir };
}

function tellingLines(lines: readonly string[]): string[] {
  let isTelling = false;
  return lines.filter((line) => {
    const section = /^\[\s*([^\]\s]+)/.exec(line)?.[1];
    if (section !== undefined) isTelling = TELLING.test(section);
    return isTelling && line !== '' && !/^[#;]/.test(line);
  });
}
