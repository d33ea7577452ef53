import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import type { GitSandbox } from '../scene/git-sandbox.ts';

/**
 * Holds a shell script (a hook, a filter, a transport) at a place until the test lets it go on, by two named pipes:
 * both sides wait for each other, so a test can act at a known moment without ever sleeping.
 */
export class Gate {
  /** Shell commands that wait here, the `nth` time they are reached and never again. */
  readonly script: string;
  readonly #box: GitSandbox;
  readonly #path: string;
  readonly #children = new Set<ChildProcess>();

  private constructor(box: GitSandbox, path: string, nth: number) {
    this.#box = box;
    this.#path = path;
    const passes = Array.from({ length: nth - 1 }, (_, index) => `mkdir '${path}/pass-${index}' 2>/dev/null || `);
    this.script = `${passes.join('')}{ mkdir '${path}/used' 2>/dev/null && echo > '${path}/reached' && read -r _ < '${path}/open'; }`;
  }

  static async create(box: GitSandbox, name: string, options: { readonly nth?: number } = {}): Promise<Gate> {
    const path = box.path(`gate-${name}`);
    await mkdir(path);
    await box.run(box.root, 'mkfifo', [`${path}/reached`, `${path}/open`]);
    return new Gate(box, path, options.nth ?? 1);
  }

  /** Resolves when the script stands at the gate. */
  reached(): Promise<void> {
    return this.#shell(`read -r _ < '${this.#path}/reached'`);
  }

  /** Lets the script go on; resolves when it has taken notice. */
  open(): Promise<void> {
    return this.#shell(`echo > '${this.#path}/open'`);
  }

  /** Ends what still waits on this side, and frees a script that nobody has let go. */
  async close(): Promise<void> {
    for (const child of this.#children) child.kill('SIGKILL');
    // Opened for both, a pipe never blocks: whoever waits to read meets somebody. The line is not for us: to read it
    // back would wait forever where a script has taken it.
    await this.#shell(`exec 3<>'${this.#path}/open'; echo >&3`);
  }

  #shell(command: string): Promise<void> {
    const child = spawn('sh', ['-c', command], { env: this.#box.env, stdio: 'ignore' });
    this.#children.add(child);
    return new Promise((resolve, reject) => {
      child.on('error', reject);
      child.on('close', () => {
        this.#children.delete(child);
        resolve();
      });
    });
  }
}

/** Holds the next push to `develop` in the remote, before it is accepted. */
export async function holdPush(box: GitSandbox, remote: string, name: string): Promise<Gate> {
  const gate = await Gate.create(box, name);
  // Requests of waiting agents are pushed too, to refs of their own: those pass.
  await box.hook(
    remote,
    'pre-receive',
    `while read -r _ _ ref; do [ "$ref" = refs/heads/develop ] && is_branch=1; done\n[ -z "$is_branch" ] || ${gate.script}\nexit 0`,
  );
  return gate;
}

/** Holds the clone's `nth` connection to its remote that reads from it: a look, or a fetch. */
export async function holdRead(box: GitSandbox, clone: string, name: string, nth = 1): Promise<Gate> {
  const gate = await Gate.create(box, name, { nth });
  const script = `upload-pack-${name}`;
  await box.write('.', { [script]: `${gate.script}\nexec git-upload-pack "$@"\n` });
  await box.git(clone, 'config', 'remote.origin.uploadpack', `sh '${box.path(script)}'`);
  return gate;
}

/** Holds the next checkout of a task file in the clone. */
export async function holdCheckout(box: GitSandbox, clone: string, name: string): Promise<Gate> {
  const gate = await Gate.create(box, name);
  const script = `smudge-${name}`;
  await box.write('.', { [script]: `${gate.script}\nexec cat\n` });
  await box.git(clone, 'config', 'filter.gate.smudge', `sh '${box.path(script)}'`);
  await box.git(clone, 'config', 'filter.gate.clean', 'cat');
  await box.write(clone, { '.git/info/attributes': '*.toon filter=gate\n' });
  return gate;
}
