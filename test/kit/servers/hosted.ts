import type { Fault, SeenRequest } from '../remotes/http-git-server.ts';
import type { Scene } from '../scene/scene.ts';
import type { RunningServer } from './server.ts';

/**
 * What a host does that git itself does not: the rules, and the words, of services that no test can ask. They are put
 * before and into a real git server: a hook judges each ref, and the report says what the host would say.
 */
export interface Habit {
  /** `update`: each ref is judged for itself. `pre-receive`: one that is refused refuses them all. */
  readonly hook?: 'update' | 'pre-receive';
  /** Which refs are refused: a shell pattern for `<create|update|delete> <ref>`. */
  readonly refuses?: string;
  /** Most bytes of a ref's name. */
  readonly mostBytes?: number;
  /** What the host says on stderr, line by line, when it refuses. */
  readonly says?: readonly string[];
  /** Its reason in the report, in place of git's `hook declined`. */
  readonly reason?: string;
  /** Its reason for the other refs of an atomic push that was refused, or that lost a race. */
  readonly aborted?: string;
  /** Its reason for a ref that is not where the push expected it. */
  readonly moved?: string;
  /** What comes before git: no permission, an archived repository. */
  readonly front?: (request: SeenRequest) => Fault | undefined;
}

/** File in the scene with what every hook was asked: a line `<create|update|delete> <ref>` for each ref. */
export const ASKED = 'asked';

/** Git's own words, by what they mean. */
const DECLINED = /^(?:pre-receive )?hook declined$/;
const ABORTED = /^atomic (?:push failure|transaction failed)$/;
const MOVED = /^failed to update ref$|cannot lock ref|reference already exists/;

/** Serves the scene's remote over HTTP as a host with such a habit does. */
export async function startHosted(box: Scene, habit: Habit): Promise<RunningServer> {
  const http = await box.http();
  const { hook = 'update', reason, aborted, moved, front } = habit;
  await box.hook(box.remote, hook, script(box, hook, habit));
  http.reword = (_ref, said) => {
    if (reason !== undefined && DECLINED.test(said)) return reason;
    if (aborted !== undefined && ABORTED.test(said)) return aborted;
    return moved !== undefined && MOVED.test(said) ? moved : said;
  };
  if (front !== undefined) http.fault = front;
  return { url: http.url(box.remote), repository: box.remote };
}

function script(box: Scene, hook: 'update' | 'pre-receive', { refuses, mostBytes, says = [] }: Habit): string {
  const words = says.map((line) => `  echo ${quoted(line)} >&2`).join('\n');
  const judge = `refuse() {
${words}
  exit 1
}
judge() {
  what=update
  case "$2" in *[!0]*) ;; *) what=create ;; esac
  case "$3" in *[!0]*) ;; *) what=delete ;; esac
  echo "$what $1" >>${quoted(box.path(ASKED))}
  ${refuses === undefined ? '' : `case "$what $1" in ${refuses}) refuse ;; esac`}
  ${mostBytes === undefined ? '' : `[ \${#1} -le ${mostBytes} ] || refuse`}
}`;
  const ask = hook === 'update' ? 'judge "$@"' : 'while read -r old new ref; do judge "$ref" "$old" "$new"; done';
  return `${judge}\n${ask}`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** A host that refuses a push before git hears of it, with a 403 and these words. */
export function forbidden(words: string): Habit {
  return {
    front: ({ kind }) =>
      kind === 'info-push' || kind === 'push'
        ? { kind: 'status', status: 403, headers: { 'Content-Type': 'text/plain' }, body: `${words}\n` }
        : undefined,
  };
}
