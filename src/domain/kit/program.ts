import { hasHidden, quote } from '../base/names.ts';
import type { FileWrite } from '../queue/edit.ts';
import { compareNatural } from '../queue/ordering.ts';
import type { Existing } from './existing.ts';

/** Where the program of the kit is: a release of agentq, or the name of a package. */
export const RELEASES_FOLDER = '.agents-core/releases';
/** One line: the package that scripts and workflows run instead of a release. */
export const PACKAGE_FILE: string = `${RELEASES_FOLDER}/package`;

/** All of agentq in one file, which node runs. */
export interface Release {
  readonly version: string;
  readonly content: string;
}

/** What the scripts and workflows of the kit are to run. */
export interface ProgramRequest {
  /** The agentq that is running. */
  readonly running: Release;
  /** `bundled`: a release again, where a package is pinned; absent: the kind that the queue has. */
  readonly pin?: { readonly kind: 'package'; readonly spec: string } | { readonly kind: 'bundled' };
  readonly onDifference: 'keep' | 'overwrite';
}

/** What becomes of the program. */
export interface ProgramPlan {
  readonly writes: readonly FileWrite[];
  readonly created: readonly string[];
  readonly overwritten: readonly string[];
  readonly removed: readonly string[];
  readonly kept: readonly string[];
  /** What ran before, such as `0.1.0` or `package @acme/agentq@1.2.3`; undefined: nothing. */
  readonly from: string | undefined;
  /** What runs now. */
  readonly to: string;
  /** `newer`: the queue has a later release than the one that is running, and keeps it. */
  readonly because?: 'newer';
}

/**
 * What to write so that the kit has one program. Releases of other versions go. A later one stays unless the caller
 * overwrites: one machine with an old agentq must not downgrade the others.
 * @param names what is in {@link RELEASES_FOLDER}
 */
export function decideProgram(
  request: ProgramRequest,
  names: readonly string[],
  existing: (path: string) => Existing,
): ProgramPlan {
  const { running, pin, onDifference } = request;
  const releases = releasesIn(names).sort(compareVersions);
  const newest = releases.at(-1);
  const there = existing(PACKAGE_FILE);
  const pinned = there.kind === 'file' ? there.content.trim() : undefined;
  const from = pinned !== undefined ? `package ${pinned}` : newest;
  const still: ProgramPlan = {
    writes: [],
    created: [],
    overwritten: [],
    removed: [],
    kept: [],
    from,
    to: from ?? running.version,
  };
  if (pin?.kind === 'package') {
    const line = `${pin.spec}\n`;
    const isSame = there.kind === 'file' && there.content === line;
    return {
      ...still,
      ...removing(releases.map(pathOf), isSame ? [] : [{ path: PACKAGE_FILE, content: line }]),
      created: there.kind === 'absent' ? [PACKAGE_FILE] : [],
      overwritten: there.kind === 'absent' || isSame ? [] : [PACKAGE_FILE],
      to: `package ${pin.spec}`,
    };
  }
  if (pinned !== undefined && pin === undefined) return still;
  if (newest !== undefined && compareVersions(newest, running.version) > 0 && onDifference === 'keep') {
    return { ...still, to: newest, because: 'newer' };
  }
  const path = pathOf(running.version);
  const before = existing(path);
  const isSame = before.kind === 'file' && before.content === running.content;
  const isOurs = before.kind === 'file' && before.by === 'init';
  const isKept = !isSame && !isOurs && before.kind !== 'absent' && onDifference === 'keep';
  const goes = [
    ...releases.filter((version) => version !== running.version).map(pathOf),
    ...(pinned === undefined ? [] : [PACKAGE_FILE]),
  ];
  return {
    ...still,
    ...removing(goes, isSame || isKept ? [] : [{ path, content: running.content }]),
    created: before.kind === 'absent' ? [path] : [],
    overwritten: before.kind === 'absent' || isSame || isKept ? [] : [path],
    kept: isKept ? [path] : [],
    to: running.version,
  };
}

/** Paths that {@link decideProgram} asks about. */
export function programPaths({ running }: ProgramRequest): string[] {
  return [PACKAGE_FILE, pathOf(running.version)];
}

function removing(
  removed: readonly string[],
  written: readonly FileWrite[],
): { readonly removed: readonly string[]; readonly writes: readonly FileWrite[] } {
  return { removed, writes: [...written, ...removed.map((path) => ({ path, content: undefined }))] };
}

function pathOf(version: string): string {
  return `${RELEASES_FOLDER}/agentq-${version}.cjs`;
}

function versionIn(name: string): string | undefined {
  return /^agentq-(\d+\.\d+\.\d+(?:-[\w.-]+)?)\.cjs$/.exec(name)?.[1];
}

/** The versions of the releases among the names of files in {@link RELEASES_FOLDER}. */
export function releasesIn(names: readonly string[]): string[] {
  return names.flatMap((name) => versionIn(name) ?? []);
}

/** In the order of semantic versions, except for the rarest details: a version comes after its pre-releases. */
export function compareVersions(a: string, b: string): number {
  const [numbers, candidate] = halves(a);
  const [others, otherCandidate] = halves(b);
  return (
    compareNatural(numbers, others) ||
    Number(candidate === undefined) - Number(otherCandidate === undefined) ||
    compareNatural(candidate ?? '', otherCandidate ?? '')
  );
}

function halves(version: string): [numbers: string, candidate: string | undefined] {
  const at = version.indexOf('-');
  return at < 0 ? [version, undefined] : [version.slice(0, at), version.slice(at + 1)];
}

/** A package's name and the one version of it; a tag or a range may become another program overnight. */
const NPM = /^(?:npm:)?((?:@[a-z0-9][\w.-]{0,100}\/)?[a-z0-9][\w.-]{0,100})@(\d+\.\d+\.\d+(?:-[\w.-]{1,50})?)$/;
const TARBALL = /\.(?:tgz|tar\.gz)$/;

/** The name that this program would have in a registry, where anybody may take it. */
const FREE_NAME = 'agentq';

/**
 * Reads what `--package` names: `npm:@scope/name@1.2.3`, the https URL of a tarball, or the path of one, from the root
 * of the repository.
 */
export function parsePackage(
  text: string,
): { readonly kind: 'package'; readonly spec: string } | { readonly kind: 'problem'; readonly problem: string } {
  const problem = (words: string) => ({ kind: 'problem' as const, problem: `package ${quote(text)} ${words}` });
  if (text.length > 500 || hasHidden(text) || /[\s'"`$\\]/.test(text)) return problem('is not the name of a package');
  if (/^[a-z+]+:\/\//.test(text)) {
    return /^https:\/\/[^\s@]+$/.test(text) && TARBALL.test(new URL(text).pathname)
      ? { kind: 'package', spec: text }
      : problem('must be an https URL of a .tgz file, without a password in it');
  }
  if (TARBALL.test(text)) {
    const spec = text.replace(/^\.\//, '');
    const isInside = !spec.split('/').some((part) => part === '..' || part.startsWith('-'));
    return isInside ? { kind: 'package', spec } : problem('must be a path from the root of the repository');
  }
  const [, name, version] = NPM.exec(text) ?? [];
  if (name === undefined || version === undefined) {
    return problem('must be npm:@scope/name@1.2.3 with one exact version, an https URL of a .tgz file, or its path');
  }
  if (name === FREE_NAME)
    return problem('is a name in the npm registry that anybody may take: use one of your own scope');
  return { kind: 'package', spec: `${name}@${version}` };
}
