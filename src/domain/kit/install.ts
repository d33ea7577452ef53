import { Failure } from '../base/failure.ts';
import { SETTINGS_FILE } from '../base/settings-file.ts';
import type { FileWrite } from '../queue/edit.ts';
import { DEFAULT_LAYOUT, type LayoutName, type Location, locationOf, onlyProjectOf } from '../queue/layouts.ts';
import { newProjectProblem } from '../queue/new-project.ts';
import { compareText } from '../queue/ordering.ts';
import type { PoolSettings, QueueSnapshot } from '../queue/snapshot.ts';
import { isDangerous } from './earlier.ts';
import type { Existing, KitFile } from './existing.ts';
import type { ProgramRequest } from './program.ts';

/** What `init` is asked to do. */
export interface InstallRequest {
  /** Projects that must exist afterwards. If none is named, a queue without projects gets one called `default`. */
  readonly projects: readonly string[];
  /** For new projects; undefined: the layout of the existing projects. */
  readonly layout: LayoutName | undefined;
  readonly onDifference: 'keep' | 'overwrite';
  /** Where a new branch begins: at the remote's default branch, or with nothing, so that it holds only the queue. */
  readonly start: 'default-branch' | 'nothing';
  /** The files of `.agents-core/`. */
  readonly kit: readonly KitFile[];
  /** What the settings file must say so that commands without options find this queue. */
  readonly branch: string;
  readonly remote: string | undefined;
  /** Whether the user wants a new queue's commits signed; absent: no. */
  readonly signing?: PoolSettings['signing'];
  /** What the scripts and workflows are to run; absent: the files that say so stay as they are. */
  readonly program?: ProgramRequest;
}

/** What a queue that is being made gets, and an older one does not. */
export type QueueAge = 'new' | 'existing';

export interface Installation {
  /** In the order of their paths; empty if everything is there. */
  readonly writes: readonly FileWrite[];
  readonly created: readonly string[];
  readonly overwritten: readonly string[];
  /** Files of an earlier version that nobody had changed. */
  readonly updated: readonly string[];
  /** Files that differ from what would be installed, and were left as they are. */
  readonly kept: readonly string[];
  /** Where the requested projects are or will be. */
  readonly locations: readonly Location[];
}

/** Git keeps no empty folders, and older scripts move files into folders that must exist. */
const PLACEHOLDER = '.gitkeep';
/** The project that a new queue gets if none is named. */
const FIRST_PROJECT = 'default';

/**
 * Where the projects are or will be: an existing project stays where it is.
 * @throws Failure `usage` for a name that no new project can have, a layout that the queue's settings rule out, or one
 * that has no room for the name.
 */
export function locationsFor(request: InstallRequest, snapshot: QueueSnapshot): Location[] {
  const named = request.projects.length > 0 || snapshot.projects.size > 0 ? request.projects : [FIRST_PROJECT];
  const others = new Set(snapshot.projects.keys());
  return [...new Set(named)].flatMap((project) => {
    const known = snapshot.projects.get(project)?.locations;
    if (known && known.length > 0) return known;
    const problem = newProjectProblem(project, others);
    if (problem !== undefined) throw new Failure('usage', problem, { hint: 'choose another name' });
    others.add(project);
    const layout = request.layout ?? layoutInUse(snapshot);
    if (!snapshot.settings.layouts.includes(layout)) {
      throw new Failure('usage', `this queue's settings do not allow the layout ${layout}`, {
        hint: `they allow ${snapshot.settings.layouts.join(', ')}: see layouts in ${SETTINGS_FILE}`,
      });
    }
    const only = onlyProjectOf(layout);
    if (only !== undefined && project !== only) {
      const message = `the layout ${layout} has only one project, ${only}: ${project} cannot be in it`;
      throw new Failure('usage', message, { hint: 'choose another --layout' });
    }
    return [locationOf(layout, project)];
  });
}

/** New projects go where the others are. */
function layoutInUse({ projects, settings }: QueueSnapshot): LayoutName {
  const inUse = [...projects.values()]
    .sort((a, b) => compareText(a.name, b.name))
    .flatMap(({ locations }) => locations.map(({ layout }) => layout))
    .find((layout) => onlyProjectOf(layout) === undefined);
  return (
    inUse ?? (settings.layouts.includes(DEFAULT_LAYOUT) ? DEFAULT_LAYOUT : (settings.layouts[0] ?? DEFAULT_LAYOUT))
  );
}

/** Every path that {@link decideInstall} asks about. */
export function pathsOfInterest(request: InstallRequest, locations: readonly Location[]): string[] {
  return [...request.kit.map(({ path }) => path), ...locations.flatMap(foldersOf)];
}

/**
 * What to write so that everything requested exists. Nothing that exists is changed unless the request says so.
 * @throws Failure `config-invalid` if something other than a folder is in the way.
 */
export function decideInstall(
  request: InstallRequest,
  locations: readonly Location[],
  existing: (path: string) => Existing,
  age: QueueAge = 'existing',
): Installation {
  const writes: FileWrite[] = [];
  const created: string[] = [];
  const overwritten: string[] = [];
  const updated: string[] = [];
  const kept: string[] = [];
  for (const file of request.kit) {
    const { path } = file;
    const there = unobstructed(path, existing(path));
    const variants = contentsFor(file, { ...request, remote: remoteFor(file, there, request) }, age);
    const [content] = variants;
    const write: FileWrite = { path, content, ...(file.mode === 'executable' ? { executable: true as const } : {}) };
    if (there.kind === 'absent') created.push(path);
    else if (there.kind === 'file' && variants.includes(there.content) && there.mode === file.mode) continue;
    else if (there.kind === 'file' && there.by === 'init') updated.push(path);
    else if ((request.onDifference === 'keep' && !isDangerous(there)) || there.kind === 'folder') {
      kept.push(path);
      continue;
    } else overwritten.push(path);
    writes.push(write);
  }
  for (const folder of locations.flatMap(foldersOf)) {
    if (unobstructed(folder, existing(folder)).kind === 'folder') continue;
    const path = `${folder}/${PLACEHOLDER}`;
    created.push(path);
    writes.push({ path, content: '' });
  }
  const byPath = (a: FileWrite, b: FileWrite): number => compareText(a.path, b.path);
  return { writes: writes.sort(byPath), created, overwritten, updated, kept, locations };
}

function foldersOf({ folders }: Location): string[] {
  return Object.values(folders).map((folder) => folder.replace(/\/$/, ''));
}

function unobstructed(path: string, there: Existing): Existing {
  const by = there.kind === 'obstructed' ? there.by : undefined;
  if (by === undefined) return there;
  throw new Failure('config-invalid', `${by} is not a folder, so there can be no ${path}`, {
    hint: `move ${by} out of the way in a commit of your own`,
  });
}

/**
 * What the file says in this queue, and what else it may say without counting as different. If the queue is not where
 * agentq looks by default, the settings name its branch and remote, and scripts and workflows name the branch.
 */
function contentsFor(file: KitFile, { branch, remote, signing }: InstallRequest, age: QueueAge): [string, ...string[]] {
  if (file.path !== SETTINGS_FILE) return [atBranch(file.content, branch)];
  const settings = withSettings(file.content, { branch, remote, sign: signing === 'on' ? true : undefined });
  const ofNewQueue = withSettings(settings, NEW_QUEUE_SETTINGS);
  return age === 'new' ? [ofNewQueue, settings] : [settings, ofNewQueue];
}

/** Clones may call the remote by different names: the one that made the queue is right about it. */
function remoteFor(file: KitFile, there: Existing, { remote }: InstallRequest): string | undefined {
  if (file.path !== SETTINGS_FILE || there.kind !== 'file' || there.by !== 'init') return remote;
  return /^ *remote: "?([^"\n]+)"?$/m.exec(there.content)?.[1];
}

/**
 * Settings that agentq's defaults would change under a pool that has begun, and that a new queue therefore gets from its
 * settings file: heartbeats as refs keep the history short.
 */
const NEW_QUEUE_SETTINGS: Readonly<Record<string, string>> = { heartbeat: 'ref' };

function withSettings(template: string, settings: Readonly<Record<string, string | true | undefined>>): string {
  let text = template;
  for (const [key, value] of Object.entries(settings)) {
    if (value === undefined) continue;
    const line = new RegExp(`^( *)# ${key}: (.*)$`, 'm').exec(text);
    if (line === null || line[2] === value) continue;
    text = text.replace(line[0], () => `${line[1]}${key}: ${value === true ? value : quoted(value)}`);
  }
  return text;
}

/** The text with the branch that scripts and workflows name. Other names might mean something to a shell. */
export function atBranch(text: string, branch: string): string {
  if (!/^[\w./-]+$/.test(branch)) return text;
  return text.replace(
    /(AGENTQ_BRANCH:-|AGENTQ_BRANCH: |branches: \[)develop\b/g,
    (_, before: string) => before + branch,
  );
}

/** As TOON needs it: without quotes if it can only be text. */
function quoted(value: string): string {
  return /^(?!(?:true|false|null)$)[A-Za-z][\w./-]*$/.test(value) ? value : JSON.stringify(value);
}
