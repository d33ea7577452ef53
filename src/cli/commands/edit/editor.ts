import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Failure } from '../../../domain/base/failure.ts';
import { given } from '../../../domain/base/given.ts';
import type { CommandContext } from '../../command/context.ts';

/** A file in a folder of its own, which only this user can read, until it is thrown away. */
export class EditedFile {
  readonly path: string;
  readonly #folder: string;

  private constructor(folder: string, name: string) {
    this.#folder = folder;
    this.path = join(folder, name);
  }

  /** @param name of the file; editors go by its ending */
  static async create(name: string, bytes: Uint8Array): Promise<EditedFile> {
    const file = new EditedFile(await mkdtemp(join(tmpdir(), 'agentq-edit-')), name);
    await writeFile(file.path, bytes, { mode: 0o600 });
    return file;
  }

  /**
   * Opens the file in the editor, in this terminal, and waits for its end.
   * @param editor a command line for a shell, as git has it
   * @throws Failure `task-invalid` if the editor fails, the reason of the signal if it was aborted meanwhile
   */
  async open(
    editor: string,
    { config, env, signal }: Pick<CommandContext, 'config' | 'env' | 'signal'>,
  ): Promise<void> {
    const { runEditor } = await import('../../../git/editing/editor.ts');
    const ended = await runEditor(editor, this.path, { dir: config.dir, env });
    signal.throwIfAborted();
    if (ended !== undefined) throw new Failure('task-invalid', `the editor failed (${ended}): nothing was changed`);
  }

  read(): Promise<Uint8Array> {
    return readFile(this.path);
  }

  /** Never throws: it is a copy. */
  async remove(): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true }).catch(() => undefined);
  }

  /** The same error, which names the file that is kept. */
  named(error: unknown): unknown {
    const where = `your text is in ${this.path}`;
    if (!(error instanceof Failure)) {
      return new Failure('internal', error instanceof Error ? error.message : String(error), {
        hint: where,
        cause: error,
      });
    }
    const { code, message, details, cause } = error;
    const hint = error.hint === undefined ? where : `${error.hint}; ${where}`;
    return new Failure(code, message, { hint, details: { ...details, file: this.path }, ...given({ cause }) });
  }
}
