import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { appendFile, chmod, mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createGitClient, type GitClient } from '../../../src/git/process/git-client.ts';
import { openRepository, type Repository } from '../../../src/git/repository/repository.ts';
import { copyOf, edited, fingerprintOf, keepCopy, looseRef, writeFolder } from './repository-copies.ts';

export interface RunResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Files of a clone that name its origin, and what stands for that in a copy. */
const KNOWS_ITS_ORIGIN = /^(?:\.git\/)?(?:config$|logs\/)/;
const ORIGIN = 'file:///origin-of-a-copy';

/** Files of a commit: path to content; null deletes. */
export type Files = Readonly<Record<string, string | null>>;

/** A new temporary folder with a home in it that has nothing but an identity. */
export async function sandboxFolder(): Promise<string> {
  const root = await realpath(await mkdtemp(join(tmpdir(), 'agentq-test-')));
  await mkdir(join(root, 'home'));
  await writeFile(
    join(root, 'home', 'gitconfig'),
    '[user]\n\tname = Test User\n\temail = user@example.com\n[init]\n\tdefaultBranch = develop\n[protocol "file"]\n\tallow = always\n' +
      // A remote collects its garbage after each push otherwise: two processes that find none.
      '[receive]\n\tautogc = false\n',
  );
  return root;
}

/**
 * A temporary folder with real git in it, out of reach of the user's own configuration, hooks, agents and identity.
 * Tests have it as a scene (scene.ts).
 */
export class GitSandbox {
  readonly root: string;
  /** For git and for agentq: nothing but PATH, a home without configuration, and an identity. */
  readonly env: Readonly<Record<string, string>>;

  /** @param root a folder as {@link sandboxFolder} makes it */
  constructor(root: string) {
    this.root = root;
    this.env = {
      PATH: process.env.PATH ?? '',
      HOME: join(root, 'home'),
      XDG_CONFIG_HOME: join(root, 'home'),
      TMPDIR: root,
      LC_ALL: 'C',
      TZ: 'UTC',
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_CONFIG_GLOBAL: join(root, 'home', 'gitconfig'),
      GIT_TERMINAL_PROMPT: '0',
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.remove();
  }

  async remove(): Promise<void> {
    await rm(this.root, { recursive: true, force: true, maxRetries: 5 });
  }

  /** Absolute path in the sandbox. */
  path(...parts: readonly string[]): string {
    return join(this.root, ...parts);
  }

  /**
   * Runs git in a folder (relative to the sandbox). @returns stdout without the newline at its end; throws when git
   * fails.
   */
  async git(dir: string, ...args: readonly string[]): Promise<string> {
    const [command, name, ...rest] = args;
    if (command === 'rev-parse' && name !== undefined && /^[a-z][\w/-]*$/.test(name) && rest.length === 0) {
      const oid = looseRef(this.path(dir), name);
      if (oid !== undefined) return oid;
    }
    const result = await this.tryGit(dir, ...args);
    if (result.exitCode !== 0) throw new Error(`git ${args.join(' ')} in ${dir}: ${result.stderr}`);
    return result.stdout.replace(/\n$/, '');
  }

  /** As `git`, but an exit code other than 0 is an answer. */
  tryGit(dir: string, ...args: readonly string[]): Promise<RunResult> {
    return this.run(this.path(dir), 'git', args);
  }

  /** Runs a command with the sandbox's environment. */
  run(
    cwd: string,
    command: string,
    args: readonly string[],
    input?: string,
    encoding: 'utf8' | 'latin1' = 'utf8',
  ): Promise<RunResult> {
    return new Promise((resolve, reject) => {
      const child = execFile(
        command,
        args,
        { cwd, env: this.env, encoding, maxBuffer: 256 * 1024 * 1024 },
        (error, stdout, stderr) => {
          if (error !== null && typeof error.code !== 'number') reject(error);
          else resolve({ exitCode: error === null ? 0 : Number(error.code), stdout, stderr });
        },
      );
      // A command that does not read its input closes it.
      child.stdin?.on('error', () => {});
      child.stdin?.end(input ?? '');
    });
  }

  /** A bare repository whose branch has one commit with these files. @returns its name in the sandbox. */
  async bareRemote(
    files: Files,
    options: { branch?: string; name?: string; format?: 'sha1' | 'sha256' } = {},
  ): Promise<string> {
    const { branch = 'develop', name = 'remote.git', format = 'sha1' } = options;
    const key = JSON.stringify(['remote', format, branch, this.time, files, this.configuration()]);
    const copy = copyOf(key);
    if (copy !== undefined) {
      writeFolder(this.path(name), copy);
      this.nextTime();
      return name;
    }
    await this.git('.', 'init', '-q', '--bare', `--object-format=${format}`, `--initial-branch=${branch}`, name);
    const settings = '[uploadpack]\n\tallowFilter = true\n\tallowAnySHA1InWant = true\n[http]\n\treceivepack = true\n';
    await appendFile(this.path(name, 'config'), settings);
    await this.commitTo(name, `refs/heads/${branch}`, files, 'Set up');
    keepCopy(key, this.path(name), (_path, content) => content);
    return name;
  }

  /** Clones over file:// (so that `--depth` and `--filter` work). @returns the clone's name. */
  async clone(remote: string, name: string, ...options: readonly string[]): Promise<string> {
    const from = `file://${this.path(remote)}`;
    // What is made next to the clone, or knows where something is, is not in a copy.
    const isPlain = options.every((option) =>
      /^--(?:depth|filter|branch|bare|no-checkout|single-branch)\b/.test(option),
    );
    const print = isPlain ? fingerprintOf(this.path(remote)) : undefined;
    const key = JSON.stringify(['clone', print, remote, options, this.configuration()]);
    const copy = print === undefined ? undefined : copyOf(key);
    const edit = (was: string, is: string) => (path: string, content: Buffer) =>
      KNOWS_ITS_ORIGIN.test(path) ? Buffer.from(content.toString().replaceAll(was, is)) : content;
    if (copy === undefined) {
      await this.git('.', 'clone', '-q', ...options, from, name);
      if (print !== undefined) keepCopy(key, this.path(name), edit(from, ORIGIN));
      return name;
    }
    writeFolder(this.path(name), edited(copy, edit(ORIGIN, from)));
    // The index knows each file's number and times, which are others in a copy.
    if (!options.includes('--bare')) await this.tryGit(name, 'update-index', '-q', '--refresh');
    return name;
  }

  /** The user's configuration of git, which decides how a repository is made. */
  private configuration(): string {
    return readFileSync(this.env.GIT_CONFIG_GLOBAL ?? '', 'utf8');
  }

  /**
   * Adds a commit to a branch of any repository without a checkout, as another machine would. An absent branch is
   * created.
   * @returns the commit's id.
   */
  async commitTo(dir: string, ref: string, files: Files, message = 'Change'): Promise<string> {
    const lines = [`commit ${ref}`, `committer Somebody <somebody@example.com> ${this.nextTime()} +0000`];
    lines.push(`data ${Buffer.byteLength(message)}`, message);
    const parent =
      looseRef(this.path(dir), ref) ??
      (await this.tryGit(dir, 'rev-parse', '-q', '--verify', `${ref}^{commit}`)).stdout.trim();
    if (parent !== '') lines.push(`from ${parent}`);
    for (const [path, content] of Object.entries(files)) {
      if (content === null) lines.push(`D ${path}`);
      else lines.push(`M 100644 inline ${path}`, `data ${Buffer.byteLength(content)}`, content);
    }
    const result = await this.run(this.path(dir), 'git', ['fast-import', '--quiet'], `${lines.join('\n')}\n`);
    if (result.exitCode !== 0) throw new Error(result.stderr);
    return await this.git(dir, 'rev-parse', ref);
  }

  private time = 1_700_000_000;
  /** Commits of a test are a second apart, in order. */
  private nextTime(): number {
    this.time += 1;
    return this.time;
  }

  /** Writes files into a folder of the sandbox; null deletes. */
  async write(dir: string, files: Files): Promise<void> {
    for (const [path, content] of Object.entries(files)) {
      const file = this.path(dir, path);
      if (content === null) {
        await rm(file, { force: true });
        continue;
      }
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, content);
    }
  }

  async read(dir: string, path: string): Promise<string> {
    return await readFile(this.path(dir, path), 'utf8');
  }

  /** Commits everything in a working tree. @returns the commit's id. */
  async commit(dir: string, files: Files, message = 'Local change'): Promise<string> {
    await this.write(dir, files);
    await this.git(dir, 'add', '-A');
    await this.git(dir, 'commit', '-q', '-m', message);
    return await this.git(dir, 'rev-parse', 'HEAD');
  }

  /** All files of a commit: path to content. */
  async files(dir: string, commit: string): Promise<Record<string, string>> {
    const listing = await this.git(dir, 'ls-tree', '-r', '-z', commit);
    const rows = [...listing.matchAll(/\d+ (\w+) (\w+)\t([^\0]*)\0/g)].map(([, type, oid, path = '']) => ({
      type,
      oid,
      path,
    }));
    // One process for all: as Latin-1 each byte is a character, so that sizes are lengths.
    const asked = rows.flatMap(({ type, oid }) => (type === 'blob' ? [`${oid}\n`] : [])).join('');
    const { stdout } = await this.run(this.path(dir), 'git', ['cat-file', '--batch'], asked, 'latin1');
    const files: Record<string, string> = {};
    let at = 0;
    for (const { type, path } of rows) {
      files[path] = '';
      // A submodule has no bytes here.
      if (type !== 'blob') continue;
      const begin = stdout.indexOf('\n', at) + 1;
      const [, size] = /^\w+ blob (\d+)\n$/.exec(stdout.slice(at, begin)) ?? [];
      if (size === undefined) throw new Error(`no file: ${stdout.slice(at, begin)}`);
      at = begin + Number(size) + 1;
      files[path] = Buffer.from(stdout.slice(begin, at - 1), 'latin1').toString();
    }
    return files;
  }

  /** Every ref with its object id. */
  async refs(dir: string): Promise<Record<string, string>> {
    const listing = await this.git(dir, 'for-each-ref', '--format=%(refname) %(objectname)');
    return Object.fromEntries(
      listing
        .split('\n')
        .filter(Boolean)
        .map((line) => line.split(' ') as [string, string]),
    );
  }

  /** Installs a hook, a shell script without its first line. `dir` is a git directory. */
  async hook(dir: string, name: string, script: string): Promise<void> {
    await mkdir(this.path(dir, 'hooks'), { recursive: true });
    await writeFile(this.path(dir, 'hooks', name), `#!/bin/sh\n${script}\n`);
    await chmod(this.path(dir, 'hooks', name), 0o755);
  }

  /** A client as agentq makes it. */
  client(
    dir: string,
    options: { env?: Readonly<Record<string, string>>; signal?: AbortSignal; log?: string[][] } = {},
  ): GitClient {
    const { env, signal, log } = options;
    return createGitClient({
      dir: this.path(dir),
      env: { ...this.env, ...env },
      signal,
      onProcess: log === undefined ? undefined : (args) => log.push([...args]),
    });
  }

  open(dir: string, options: Parameters<GitSandbox['client']>[1] = {}): Promise<Repository> {
    return openRepository(this.client(dir, options));
  }
}
