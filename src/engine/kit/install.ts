import { Failure } from '../../domain/base/failure.ts';
import { QUEUE_BRANCH } from '../../domain/base/settings-file.ts';
import {
  decideInstall,
  type Installation,
  type InstallRequest,
  locationsFor,
  pathsOfInterest,
} from '../../domain/kit/install.ts';
import { decideProgram, type ProgramPlan, programPaths, RELEASES_FOLDER } from '../../domain/kit/program.ts';
import type { CommitDraft, FileWrite } from '../../domain/queue/edit.ts';
import { compareText } from '../../domain/queue/ordering.ts';
import type { PoolSettings } from '../../domain/queue/snapshot.ts';
import { TRAILER } from '../../domain/rules/decision.ts';
import type { InstallStore, Survey } from '../../store/install-store.ts';
import type { Engine } from '../base/engine.ts';
import type { Pushed } from '../base/pushed.ts';
import { isCertain, pushFailure, retryable } from '../base/retryable.ts';
import { retrying } from '../transaction/transaction.ts';
import { buildAndSign } from './build-and-sign.ts';

/** What `init` did. */
export interface Installed {
  readonly installation: Installation;
  /** undefined: the request did not ask for one. */
  readonly program: ProgramPlan | undefined;
  /** undefined if everything was there already. */
  readonly commit: string | undefined;
  /** What the settings on the branch said before. */
  readonly settings: PoolSettings;
  /** Where the branch was before; undefined: it is new. */
  readonly base: string | undefined;
  readonly branch: 'created' | 'existed';
  /** Why the commit is not signed, though git is configured to sign; undefined: it is, or need not be. */
  readonly unsigned?: string;
}

/**
 * Adds what is missing to the queue's branch, in one commit, by compare-and-swap: others who change or make the branch
 * at the same time lose nothing. A branch that does not exist begins at the remote's default branch, or with nothing.
 *
 * Everything is decided again on each tip, so a push whose answer was lost needs no look-up of its own: if it landed,
 * nothing is missing any more.
 *
 * @param pushed is told of each push, for a failure that ends this
 * @throws Failure as for any push, and `usage` or `config-invalid` for what cannot be installed
 */
export async function install(
  engine: Engine,
  store: InstallStore,
  pushed: Pushed,
  request: InstallRequest,
): Promise<Installed> {
  let uncertain: Installed | undefined;
  return retrying(engine, {
    async attempt(number) {
      engine.signal.throwIfAborted();
      const next = await prepare(engine, store, pushed, request);
      if (next.commit === undefined) return uncertain ?? next;
      const { commit, branch, base } = next;
      uncertain = undefined;
      const expected = branch === 'created' ? undefined : base;
      const moves = [{ branch: nameOf(engine), from: expected, to: commit }];
      const outcome = await engine.critical.run(() => {
        pushed.begin(moves);
        return engine.store.push([{ ref: engine.store.branchRef, expected, to: commit }]);
      });
      if (isCertain(outcome)) pushed.failed(moves);
      if (outcome.kind === 'landed') {
        pushed.landed(moves);
        return next;
      }
      if (outcome.kind === 'rejected') engine.onEvent({ kind: 'rejected', attempt: number, words: outcome.words });
      else if (!isCertain(outcome)) uncertain = next;
      throw pushFailure(outcome, number);
    },
  });
}

async function prepare(
  engine: Engine,
  store: InstallStore,
  pushed: Pushed,
  request: InstallRequest,
): Promise<Installed> {
  const { tip } = await retryable(() => engine.store.look());
  pushed.seen(nameOf(engine), tip);
  if (tip !== undefined && request.start === 'nothing') await expectNoCode(engine, store, tip);
  const base = tip ?? (request.start === 'nothing' ? undefined : await retryable(() => store.start()));
  const snapshot = await retryable(() => store.snapshot(base));
  const locations = locationsFor(request, snapshot);
  const paths = [...pathsOfInterest(request, locations), ...(request.program ? programPaths(request.program) : [])];
  const branch = tip === undefined ? 'created' : 'existed';
  const { signing } = snapshot.settings;
  const wished = branch === 'created' && request.signing === 'on' ? 'on' : signing;
  const settings = { ...snapshot.settings, signing: wished };
  // What a pool has agreed on stays, also in a settings file that nobody has changed.
  const age = snapshot.projects.size === 0 || settings.heartbeat === 'ref' ? 'new' : 'existing';
  const releases = await store.list(base, RELEASES_FOLDER);
  const decide = (existing: Survey) => ({
    installation: decideInstall({ ...request, signing: wished }, locations, existing, age),
    program: request.program && decideProgram(request.program, releases, existing),
  });
  const survey = await store.survey(base, paths);
  const first = decide(survey);
  // An older agentq must not replace a newer one.
  const isOlder = first.program?.because === 'newer';
  const differing = isOlder ? [] : [...first.installation.kept, ...(first.program?.kept ?? [])];
  const { installation, program } =
    base === undefined || differing.length === 0 ? first : decide(await store.authored(base, differing, survey));
  const files = [...installation.writes, ...(program?.writes ?? [])].sort((a, b) => compareText(a.path, b.path));
  // A new branch gets a commit of its own even if nothing is missing: it says who made it, and when.
  const found = { installation, program, settings, base, branch } as const;
  if (files.length === 0 && branch === 'existed') return { ...found, commit: undefined };
  const [draft, now] = [commitOf(engine, installation, files), engine.clock.now()];
  if (branch === 'existed') return { ...found, commit: await store.build(base, draft, settings, now) };
  return { ...found, ...(await buildAndSign(store, base, draft, settings, now)) };
}

/** A branch that should hold only the queue, and holds more, is somebody's. @throws Failure `usage` */
async function expectNoCode(engine: Engine, store: InstallStore, tip: string): Promise<void> {
  if (!(await retryable(() => store.holdsCode(tip)))) return;
  throw new Failure('usage', `${nameOf(engine)} on ${engine.store.name} holds more than a queue`, {
    hint: `name a branch that does not exist yet: \`agentq init --queue-only --branch ${QUEUE_BRANCH}\``,
  });
}

function nameOf({ store }: Engine): string {
  return store.branchRef.replace('refs/heads/', '');
}

function commitOf(engine: Engine, installation: Installation, files: readonly FileWrite[]): CommitDraft {
  const projects = [...new Set(installation.locations.map(({ project }) => project))];
  return {
    subject: `[ORCHESTRATOR] Set up the queue${projects.length === 0 ? '' : `: ${projects.slice(0, 5).join(', ')}`}`,
    trailers: [{ key: TRAILER.request, value: engine.random.id() }],
    author: 'agentq',
    tasks: [],
    files,
  };
}
