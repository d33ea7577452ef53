import { Failure } from '../../domain/base/failure.ts';
import type { Identity } from '../repository/repository.ts';

export type FileMode = '100644' | '100755' | '120000';

/** One change of a commit's tree; changes are applied in order. Paths are relative to the root, with `/`. */
export type TreeChange =
  | { readonly path: string; readonly mode: FileMode; readonly content: Uint8Array }
  /** A blob that already exists. */
  | { readonly path: string; readonly mode: FileMode; readonly oid: string }
  | { readonly path: string; readonly delete: true }
  | { readonly from: string; readonly to: string };

export interface CommitSpec {
  /** The whole message. If it does not end in a newline, one is added. */
  readonly message: string;
  readonly author: Identity;
  readonly committer: Identity;
  /** Seconds since the epoch. */
  readonly timeSeconds: number;
  /** Default `+0000`. */
  readonly timezone?: string;
  readonly changes: readonly TreeChange[];
}

/** The lines of a commit that say who made it and when. @throws Failure `internal` for an invalid time */
export function authorship({ author, committer, timeSeconds, timezone = '+0000' }: CommitSpec): string {
  if (!Number.isSafeInteger(timeSeconds)) throw new Failure('internal', `time ${timeSeconds} is not an integer`);
  if (!/^[+-]\d{4}$/.test(timezone)) throw new Failure('internal', `${JSON.stringify(timezone)} is not a time zone`);
  const when = `${timeSeconds} ${timezone}`;
  return `author ${formatIdentity(author)} ${when}\ncommitter ${formatIdentity(committer)} ${when}\n`;
}

/** The message in bytes, with a newline at its end. */
export function messageBytes({ message }: Pick<CommitSpec, 'message'>): Buffer {
  return Buffer.from(message.endsWith('\n') ? message : `${message}\n`, 'utf8');
}

/** @throws Failure `internal` if this is not the path of a file in a tree, as the empty path, which is the root */
export function assertTreePath(path: string): void {
  const isPath = !path.includes('\0') && path.split('/').every((part) => part !== '' && part !== '.' && part !== '..');
  if (!isPath) throw new Failure('internal', `${JSON.stringify(path)} is not a path in a tree`);
}

/** `Name <email>` on one line, without the brackets and control characters that would end it early. */
function formatIdentity({ name, email }: Identity): string {
  const clean = (value: string) => value.replace(/[<>\s\u0000-\u001f\u007f]+/g, ' ').trim();
  const shown = clean(name);
  return `${shown === '' ? '' : `${shown} `}<${clean(email).replaceAll(' ', '')}>`;
}
