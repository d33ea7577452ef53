/** Roots of every layout's folders. */
const QUEUE_ROOTS: ReadonlySet<string> = new Set(['.agents', '.agents-core', 'state']);

/** Pages that people put next to a queue, for readers of its branch. */
const READ_ME = /^(?:readme|licen[cs]e|copying|contributing|codeowners)(?:\.[a-z]{1,8})?$/i;

/**
 * Whether a branch holds code, by the names in its root folder: anything but the queue, settings of services and tools
 * (which begin with a dot), and pages to read.
 */
export function holdsCode(rootNames: readonly string[]): boolean {
  return rootNames.some((name) => !QUEUE_ROOTS.has(name) && !name.startsWith('.') && !READ_ME.test(name));
}
