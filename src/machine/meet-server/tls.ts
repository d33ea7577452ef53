import { readFileSync } from 'node:fs';
import { MeetServerFailure } from './meet-server.ts';

/** What TLS works with, as PEM. Absent: what node has. */
export interface Tls {
  /** The certificates that are trusted, and no others. */
  readonly ca?: string;
  /** Our certificate, and its key. */
  readonly cert?: string;
  readonly key?: string;
}

/** Paths of files with what {@link Tls} has. */
export interface TlsFiles {
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
}

/** Reads the files. @throws MeetServerFailure `unusable` that names the one that cannot be read */
export function readTls(files: TlsFiles): Tls {
  const texts = Object.entries(files).flatMap(([name, path]): [string, string][] =>
    path === undefined || path === '' ? [] : [[name, read(path)]],
  );
  return Object.fromEntries(texts);
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    const words = cause instanceof Error ? cause.message : String(cause);
    throw new MeetServerFailure('unusable', `no TLS without ${path}: ${words}`, { cause });
  }
}
