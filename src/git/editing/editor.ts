import { spawn } from 'node:child_process';
import { Failure } from '../../domain/base/failure.ts';
import { runProcess } from '../process/git-process.ts';
import { wordsOf } from '../process/words.ts';
import type { Repository } from '../repository/repository.ts';

/** Variables that choose an editor. Git's other commands must not see them: they would open it. */
const CHOICES = ['GIT_EDITOR', 'VISUAL', 'EDITOR'] as const;

/**
 * The command line, for a shell, of the editor that `git commit` would open: `GIT_EDITOR`, `core.editor`, `VISUAL`,
 * `EDITOR`, or git's own choice.
 * @param env of the user
 * @throws Failure `config-invalid` if there is none, with git's words
 */
export async function editorOf(
  { git }: Repository,
  env: Readonly<Record<string, string | undefined>>,
): Promise<string> {
  const variables = Object.fromEntries(
    CHOICES.flatMap((name): [string, string][] => (env[name] === undefined ? [] : [[name, env[name]]])),
  );
  const { exitCode, stdout, stderr } = await runProcess(git, ['var', 'GIT_EDITOR'], { variables });
  const editor = stdout.toString('utf8').replace(/\n$/, '');
  if (exitCode === 0 && editor !== '') return editor;
  throw new Failure('config-invalid', `git knows no editor: ${wordsOf(stderr) || `exited with ${exitCode}`}`, {
    hint: 'set EDITOR, or `git config core.editor`',
  });
}

/** Where an editor runs. */
export interface EditorPlace {
  readonly dir: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * Opens the file in the editor, in this terminal, and waits for its end. The editor's stdout is our stderr: ours is for
 * answers. Nothing ends it but the user.
 * @param editor as {@link editorOf} gives it
 * @returns why it failed; undefined: it did not
 */
export function runEditor(editor: string, path: string, { dir, env }: EditorPlace): Promise<string | undefined> {
  const child = spawn('sh', ['-c', `${editor} "$@"`, editor, path], {
    cwd: dir,
    env: { ...env },
    stdio: ['inherit', 2, 'inherit'],
  });
  return new Promise((resolve) => {
    child.once('error', ({ message }) => resolve(message));
    child.once('close', (code, by) => resolve(code === 0 ? undefined : (by ?? `exit code ${code}`)));
  });
}
