import { load } from 'js-yaml';

/** Longest workflow (characters) that is read: GitHub's own limit is about as much. */
const LONGEST_WORKFLOW = 512 * 1024;

/** The value of a YAML text; undefined if it cannot be read, or is longer than a workflow is. */
export function readYaml(text: string): unknown {
  try {
    return text.length > LONGEST_WORKFLOW ? undefined : load(text);
  } catch {
    return undefined;
  }
}
