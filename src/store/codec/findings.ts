import type { Finding, FindingCode, Severity } from '../../domain/base/finding.ts';
import { given } from '../../domain/base/given.ts';

const HINTS: Partial<Record<FindingCode, string>> = {
  'count-mismatch': 'set the number in the brackets to that of the items; all of them are read',
  'map-with-count': 'leave the brackets out: what follows are keys, not items',
  'duplicate-key': 'keep one of the lines',
  'id-mismatch': 'the file name is the id: make the two equal',
  'project-mismatch': 'the folder is the project: make the two equal',
  'missing-status': 'add a line `status: ready` to the task section; without it no one can claim the task',
  'unknown-status': 'use ready, blocked, claimed, completed or pending; only ready tasks are claimed',
  'invalid-priority': 'write a number, higher first; until then it counts as 0',
  'missing-title': 'add a line `title: ...` to the task section',
  'long-line': 'put the key, and the colon behind it, at the beginning of the line',
  'unusable-check': 'write a list of shell commands, one per line; whatever is not a command is not run',
  'dependency-without-id': 'begin the entry with a task id, or move the remark elsewhere: it blocks nothing',
  'self-dependency': 'remove the entry: the task can never be claimed',
  'duplicate-dependency': 'remove one of the two entries',
  'other-dependency-name': 'the usual name is dependencies.required',
  'dependency-kind': 'it holds nothing back; write required, or no kind, where it should',
  'claim-without-heartbeat': 'a heartbeat adds the line; until then the claim is judged by its commit',
  'claim-without-owner': 'add `claimed_by`, or release the task',
  'implausible-time': 'write ISO 8601 in UTC: 2025-01-31T12:00:00Z',
};

/** Gathers the findings about one file. */
export class FindingList {
  readonly all: Finding[] = [];
  readonly #file: string;

  constructor(file: string) {
    this.#file = file;
  }

  /** @param line 0-based, as in the tree; that of the finding is 1-based. */
  add(code: FindingCode, severity: Severity, line: number | undefined, message: string): void {
    const hint = HINTS[code];
    this.all.push({
      code,
      severity,
      message,
      file: this.#file,
      ...given({ hint }),
      ...(line === undefined ? {} : { line: line + 1 }),
    });
  }
}
