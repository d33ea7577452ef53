import type { Scene } from '../scene/scene.ts';
import { freePort, type RunningServer, startProgram } from './server.ts';

/** Whether a daemon takes pushes from anybody who asks. */
export type Pushes = 'taken' | 'refused';

/** Starts git's own daemon for the repositories of the scene. */
export async function startGitDaemon(box: Scene, pushes: Pushes): Promise<RunningServer> {
  const port = await freePort();
  const options = ['--reuseaddr', '--export-all', '--listen=127.0.0.1', `--port=${port}`, `--base-path=${box.root}`];
  const services = pushes === 'taken' ? ['--enable=receive-pack'] : [];
  await startProgram(box, { command: 'git', args: ['daemon', ...options, ...services, box.root], port });
  return { url: `git://127.0.0.1:${port}/${box.remote}`, repository: box.remote };
}

/** What the program needs besides itself: Debian's start script names only a part of it. */
const JGIT_CLASSPATH = [
  'org.eclipse.jgit',
  'org.eclipse.jgit.lfs',
  'org.eclipse.jgit.http.apache',
  'httpclient',
  'httpcore',
  'slf4j-api',
  'slf4j-nop',
  'javaewah',
  'args4j',
  'jsch',
]
  .map((name) => `/usr/share/java/${name}.jar`)
  .join(':');

/** Starts JGit's daemon: git's protocol, written once more in Java. */
export async function startJgitDaemon(box: Scene, pushes: Pushes): Promise<RunningServer> {
  const port = await freePort();
  const options = ['--export-all', '--listen', '127.0.0.1', '--port', `${port}`];
  const services = pushes === 'taken' ? ['--enable', 'receive-pack'] : [];
  // Java takes the home from the list of users, not from HOME.
  const env = { JGIT_CLASSPATH, JAVA_TOOL_OPTIONS: `-Duser.home=${box.path('home')}` };
  await startProgram(box, { command: 'jgit', args: ['daemon', ...options, ...services, box.root], env, port });
  return { url: `git://127.0.0.1:${port}/${box.remote}`, repository: box.remote };
}
