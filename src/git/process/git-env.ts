/**
 * Variables that would make git use another repository, index or object store, or behave differently. Git sets most of
 * them when it runs a hook or an alias, so an `agentq` called from there would inherit them.
 */
const DROPPED = new Set([
  'GIT_DIR',
  'GIT_WORK_TREE',
  'GIT_IMPLICIT_WORK_TREE',
  'GIT_COMMON_DIR',
  'GIT_INDEX_FILE',
  'GIT_INDEX_VERSION',
  'GIT_OBJECT_DIRECTORY',
  'GIT_ALTERNATE_OBJECT_DIRECTORIES',
  'GIT_QUARANTINE_PATH',
  'GIT_PREFIX',
  'GIT_INTERNAL_SUPER_PREFIX',
  'GIT_SHALLOW_FILE',
  'GIT_GRAFT_FILE',
  'GIT_REPLACE_REF_BASE',
  'GIT_ATTR_SOURCE',
  'GIT_CONFIG',
  'GIT_REFLOG_ACTION',
  'GIT_LITERAL_PATHSPECS',
  'GIT_GLOB_PATHSPECS',
  'GIT_NOGLOB_PATHSPECS',
  'GIT_ICASE_PATHSPECS',
  'GIT_EXTERNAL_DIFF',
  'GIT_DIFF_OPTS',
  'GIT_PAGER',
  'GIT_PAGER_IN_USE',
  'GIT_EDITOR',
  'GIT_SEQUENCE_EDITOR',
  'EDITOR',
  'VISUAL',
  'PAGER',
  'LANGUAGE',
]);

/** Traces go to a file or nowhere: on stderr they would be taken for words of the remote. */
const TRACE = /^GIT_(?:TRACE\w*|CURL_VERBOSE)$/;

/**
 * The environment for git: that of the caller, without what would lead git elsewhere, plus fixed settings. Everything
 * about how to reach a remote stays: `GIT_SSH_COMMAND`, `GIT_ASKPASS`, `SSH_AUTH_SOCK`, proxies, `GIT_CONFIG_*`.
 */
export function gitEnvironment(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const result: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    if (value === undefined || DROPPED.has(name)) continue;
    if (TRACE.test(name) && !value.startsWith('/')) continue;
    result[name] = value;
  }
  // Messages are classified, so they must be in English; nobody is there to answer a prompt; reading must not take
  // index.lock while the user needs it; a replaced object is not what the remote has.
  result.LC_ALL = 'C';
  result.GIT_TERMINAL_PROMPT = '0';
  result.GIT_OPTIONAL_LOCKS = '0';
  result.GIT_NO_REPLACE_OBJECTS = '1';
  // For glibc: fast-import returned its memory to the system and asked for it again 2,700 times while it built a
  // hundred claims, which took 40 of 54 ms. No git that we start lives long enough to need to return memory.
  result.MALLOC_TRIM_THRESHOLD_ ??= String(64 * 1024 * 1024);
  return result;
}

/** What git itself takes from a program that it starts for the other side: it belongs to our repository. */
const OURS = new Set(['GIT_CONFIG_PARAMETERS', 'GIT_CONFIG_COUNT', 'GIT_NO_REPLACE_OBJECTS', 'GIT_PROTOCOL']);

/** The environment for git as the server of a remote in a folder, as `git push` gives it to `git receive-pack`. */
export function serverEnvironment(env: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !OURS.has(name)));
}
