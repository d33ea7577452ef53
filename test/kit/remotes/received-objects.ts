import { existsSync, readFileSync } from 'node:fs';
import type { GitSandbox } from '../scene/git-sandbox.ts';

let count = 0;

/** Makes git write the packs that it receives to a file, and counts the objects in them. */
export class ReceivedObjects {
  /** For a git, or an agentq, whose packs are to be counted. */
  readonly env: Readonly<Record<string, string>>;
  readonly #path: string;

  constructor(box: GitSandbox) {
    this.#path = box.path(`received-${++count}`);
    this.env = { GIT_TRACE_PACKFILE: this.#path };
  }

  /** Objects in all packs so far. */
  count(): number {
    if (!existsSync(this.#path)) return 0;
    const bytes = readFileSync(this.#path);
    let objects = 0;
    // Signature and version; then the number of objects.
    for (let at = bytes.indexOf(HEADER); at >= 0; at = bytes.indexOf(HEADER, at + 1)) {
      objects += bytes.readUInt32BE(at + HEADER.length);
    }
    return objects;
  }
}

const HEADER = Buffer.from('PACK\0\0\0\u0002', 'latin1');
