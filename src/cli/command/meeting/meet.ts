import { closeSync, constants, fstatSync, openSync, readFileSync, type Stats } from 'node:fs';
import { resolve } from 'node:path';
import { Failure } from '../../../domain/base/failure.ts';
import { hasLogin, LONGEST_URL, type MeetingUrl, parseMeeting } from '../../../domain/meeting/meeting-url.ts';

/** What the command line and the environment say about where to meet. The texts may hold passwords. */
export interface GivenMeet {
  /** `--meet`. */
  readonly option: string | undefined;
  /** `AGENTQ_MEET`. */
  readonly variable: string | undefined;
  /** `AGENTQ_MEET_FILE`: a path, relative to `cwd`. */
  readonly file: string | undefined;
  readonly cwd: string;
}

/** Where to meet, as it was decided. */
export interface ChosenMeet {
  /** undefined: nowhere. */
  readonly url: MeetingUrl | undefined;
  /** Variables with which commands that we start meet at the same place. They may hold a password. */
  readonly passedOn: Readonly<Record<string, string>>;
  /** What the user should know about it, in one line. */
  readonly notice?: string;
}

/** Nothing but a URL is read from the file. */
const LONGEST_FILE = LONGEST_URL + 100;

/**
 * Decides where to meet: the option, else the variable, else the file that the environment names, else the setting.
 *
 * A setting with a name or password in it is not used, and a notice says so: whoever may read the branch may read it.
 * @param setting `meet` in the settings file, which has been checked
 * @throws Failure `usage` for the option or the variable, `config-invalid` for the file. No message repeats the text.
 */
export function chooseMeet(given: GivenMeet, setting: string | undefined): ChosenMeet | undefined {
  const { option, variable, file, cwd } = given;
  if (option !== undefined) {
    const { url } = readGiven(option, '--meet');
    const passedOn = { AGENTQ_MEET: option };
    if (url?.login === undefined) return { url, passedOn };
    const notice =
      'every user of this machine can see the password after --meet: AGENTQ_MEET and AGENTQ_MEET_FILE hide it';
    return { url, passedOn, notice };
  }
  if (variable !== undefined) return { ...readGiven(variable, 'AGENTQ_MEET'), passedOn: { AGENTQ_MEET: variable } };
  if (file !== undefined) {
    const path = resolve(cwd, file);
    return {
      url: parsed(readUrlFile(path), (problem) =>
        unusable(`AGENTQ_MEET_FILE: ${path} does not name a meeting place: ${problem}`),
      ),
      passedOn: { AGENTQ_MEET_FILE: path },
    };
  }
  if (setting === undefined) return undefined;
  if (hasLogin(setting)) {
    const notice =
      'the setting meet is not used: it contains a name or password, which belongs in AGENTQ_MEET or AGENTQ_MEET_FILE';
    return { url: undefined, passedOn: {}, notice };
  }
  return { url: parsed(setting, unusable), passedOn: { AGENTQ_MEET: setting } };
}

function readGiven(text: string, source: string): { url: MeetingUrl | undefined } {
  return {
    url: parsed(text, (problem) => new Failure('usage', `${source} does not name a meeting place: ${problem}`)),
  };
}

function parsed(text: string, failure: (problem: string) => Failure): MeetingUrl | undefined {
  const choice = parseMeeting(text);
  if (choice.kind === 'problem') throw failure(choice.problem);
  return choice.kind === 'url' ? choice.url : undefined;
}

/** Reads the one line of the file. What was opened is checked before it is read, and opening it never blocks. */
function readUrlFile(path: string): string {
  let file: number | undefined;
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const stat = fstatSync(file);
    const wrong = stat.isFile() ? permissionProblem(stat) : 'it is not a regular file';
    if (wrong !== undefined) throw unusable(`AGENTQ_MEET_FILE: ${path} is not read: ${wrong}`);
    if (stat.size > LONGEST_FILE)
      throw unusable(`AGENTQ_MEET_FILE: ${path} is too large for a URL: ${stat.size} bytes`);
    return readFileSync(file, 'utf8').replace(/\r?\n$/, '');
  } catch (cause) {
    if (cause instanceof Failure) throw cause;
    throw unusable(
      `AGENTQ_MEET_FILE: ${path} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`,
      cause,
    );
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

const ROOT = 0;
const GROUP_READS = 0o040;
const OTHERS_READ = 0o004;
const ELSE_WRITES = 0o022;

/**
 * As ssh requires of keys, but a group may read root's files: that is how containers get secrets that their user
 * can read.
 */
function permissionProblem({ uid, mode }: Pick<Stats, 'uid' | 'mode'>): string | undefined {
  const own = process.getuid?.();
  if (own !== undefined && uid !== own && uid !== ROOT) return 'it belongs to another user';
  if ((mode & ELSE_WRITES) !== 0) return 'others have write permission (chmod 600)';
  if ((mode & OTHERS_READ) !== 0 || (uid !== ROOT && (mode & GROUP_READS) !== 0))
    return 'others have read permission (chmod 600)';
  return undefined;
}

function unusable(message: string, cause?: unknown): Failure {
  return new Failure('config-invalid', message, { cause });
}
