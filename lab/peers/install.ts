import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { must, type Place } from './commands.ts';
import type { Peer } from './peer.ts';

/** A peer that can be started. */
export interface Installed {
  /** The program with its first arguments. */
  readonly command: readonly string[];
  readonly version: string;
  /** With everything that npm installed with it. undefined: it was not installed here. */
  readonly megabytes: number | undefined;
}

/**
 * Installs the peer's package into a folder of its own.
 * @throws Error with npm's words if that fails
 */
export async function install(peer: Peer, folder: string, place: Place): Promise<Installed> {
  const { package: name = '', program = '' } = peer;
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'package.json'), '{ "private": true }\n');
  // Scripts of packages are not needed by any that races.
  const options = ['--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error'];
  await must('npm', ['install', name, ...options], { ...place, cwd: folder });
  const modules = join(folder, 'node_modules');
  const { version } = JSON.parse(await readFile(join(modules, name, 'package.json'), 'utf8')) as { version: string };
  const megabytes = (await bytesIn(modules)) / 1e6;
  return { command: [join(modules, '.bin', program)], version, megabytes };
}

/** The peer from a program that is on this machine already. */
export async function present(program: string, place: Place): Promise<Installed> {
  const command = /\.[cm]?js$/.test(program) ? [process.execPath, program] : [program];
  const [first = '', ...rest] = command;
  const version = (await must(first, [...rest, '--version'], place)).trim();
  return { command, version, megabytes: undefined };
}

/** Of all files in the folder together. */
export async function bytesIn(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  let bytes = 0;
  for (const entry of entries) if (entry.isFile()) bytes += (await stat(join(entry.parentPath, entry.name))).size;
  return bytes;
}
