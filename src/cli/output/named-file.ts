import { createReadStream } from 'node:fs';
import { resolve } from 'node:path';
import { Failure } from '../../domain/base/failure.ts';
import { readAll } from './io.ts';

/** The bytes of an input, and its name for messages. */
export interface InputBytes {
  readonly bytes: Uint8Array;
  readonly name: string;
}

/**
 * Reads a file that the user named. It may be a pipe, such as `<(...)`. Never more than one byte above the limit is
 * read.
 * @param dir what the path is relative to
 * @throws Failure `task-invalid` if it cannot be read
 */
export async function readNamedFile(
  path: string,
  limit: number,
  dir: string,
  signal: AbortSignal,
): Promise<InputBytes> {
  const name = path.replace(/[\u0000-\u001f\u007f-\u009f]/g, '?');
  try {
    return { bytes: await readAll(createReadStream(resolve(dir, path)), limit, signal), name };
  } catch (cause) {
    signal.throwIfAborted();
    throw new Failure('task-invalid', `${name} cannot be read: ${reasonOf(cause)}`, { cause });
  }
}

function reasonOf(cause: unknown): string {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  switch (code) {
    case 'ENOENT':
      return 'there is no such file';
    case 'EISDIR':
      return 'it is a folder';
    case 'EACCES':
      return 'permission denied';
    default:
      return cause instanceof Error ? cause.message : String(cause);
  }
}
