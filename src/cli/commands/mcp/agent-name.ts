import { agentProblem } from '../../../domain/base/names.ts';

/** Longest part (characters) of a name that comes from outside. */
const LONGEST_PART = 24;

/**
 * An agent id for a session that was given none, such as `claude-code-build7-k3x9`: which program, which machine, and what
 * tells two sessions apart.
 * @param client how the client calls itself
 * @param chance letters and digits
 */
export function sessionAgent(client: string | undefined, machine: string, chance: string): string {
  const parts = [wordOf(client ?? '', 'mcp'), wordOf(machine.split('.', 1)[0] ?? '', 'here'), chance.slice(0, 4)];
  const name = parts.join('-');
  return agentProblem(name) === undefined ? name : `mcp-${chance}`;
}

function wordOf(text: string, otherwise: string): string {
  const word = text
    .slice(0, 200)
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, LONGEST_PART)
    .replace(/^-|-$/g, '');
  return word === '' ? otherwise : word;
}
