import * as z from 'zod/mini';
import { isoSeconds } from '../../domain/base/clock.ts';
import { given } from '../../domain/base/given.ts';
import { agentProblem, projectProblem } from '../../domain/base/names.ts';
import { toNoteText } from '../../domain/base/note-text.ts';
import type { SignIn } from '../../domain/leases/sign-in.ts';
import { parseTime } from '../../domain/leases/staleness.ts';

/** Largest blob (bytes) that is read: one of 500 agents with the longest names has 52 kB. */
const MAX_BYTES = 100_000;

const MOST_AGENTS = 500;
const MOST_CAPABILITIES = 50;

/** Longest name of a machine, a version or a capability (characters). */
const LONGEST_NAME = 64;

/** Text for people is one line, without what a terminal would not show. */
const text = z.pipe(z.string().check(z.maxLength(1000)), z.transform(shownText));

const agent = z.string().check(z.refine((value) => agentProblem(value) === undefined));
const time = z.pipe(
  z.string().check(
    z.maxLength(40),
    z.refine((value) => parseTime(value) !== undefined),
  ),
  z.transform((value) => parseTime(value) ?? 0),
);

/** What a blob may say; what else it says is left out. Anybody who can push can write one. */
const schema = z.object({
  agents: z.array(agent).check(z.minLength(1), z.maxLength(MOST_AGENTS)),
  machine: text,
  machineId: text,
  pid: z.int().check(z.minimum(0), z.maximum(2 ** 31)),
  command: z.enum(['work', 'heartbeat', 'mcp']),
  version: text,
  can: z.array(text).check(z.maxLength(MOST_CAPABILITIES)),
  project: z.optional(z.string().check(z.refine((value) => projectProblem(value) === undefined))),
  since: time,
  seen: time,
  validS: z.int().check(z.minimum(1), z.maximum(7 * 86_400)),
});

/** The blob that the ref of a process points at. */
export function formatSignIn(signIn: SignIn): string {
  const { agents, machine, machineId, pid, command, version, capabilities, project, since, seen, validMs } = signIn;
  return `${JSON.stringify({
    agents: agents.slice(0, MOST_AGENTS),
    machine: shownText(machine),
    machineId: shownText(machineId),
    pid,
    command,
    version: shownText(version),
    can: capabilities.slice(0, MOST_CAPABILITIES).map(shownText),
    ...given({ project }),
    since: isoSeconds(since),
    seen: isoSeconds(seen),
    validS: Math.max(1, Math.round(validMs / 1000)),
  } satisfies z.input<typeof schema>)}\n`;
}

/** Reads the blob of a sign-in. @returns undefined if it is none */
export function parseSignIn(bytes: Uint8Array): SignIn | undefined {
  if (bytes.length > MAX_BYTES) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
  const parsed = schema.safeParse(value);
  if (!parsed.success) return undefined;
  const { can, project, validS, ...rest } = parsed.data;
  return { ...rest, capabilities: can, validMs: validS * 1000, ...given({ project }) };
}

function shownText(said: string): string {
  return toNoteText(said).slice(0, LONGEST_NAME);
}
