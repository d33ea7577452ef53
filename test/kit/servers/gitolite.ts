import type { Scene } from '../scene/scene.ts';
import { makeKey, SSH_HOST, startSshd } from './openssh.ts';
import type { RunningServer } from './server.ts';

const HOME = 'gitolite-home';

/**
 * Starts gitolite, in a home of its own, behind an sshd of the test's own.
 * @param rules what its configuration allows everybody in the repository, a line for each rule
 */
export async function startGitolite(box: Scene, rules: readonly string[]): Promise<RunningServer> {
  const home = await box.folder(HOME);
  const key = await makeKey(box, 'user');
  await gitolite(box, 'setup', '-pk', `${key}.pub`);
  const conf = `repo queue\n${rules.map((rule) => `    ${rule} = @all\n`).join('')}`;
  await box.write(HOME, { '.gitolite/conf/gitolite.conf': conf });
  await gitolite(box, 'compile');
  const repository = `${HOME}/repositories/queue.git`;
  // As an administrator does it, along with the rules.
  await box.git(repository, 'fetch', '-q', `file://${box.path(box.remote)}`, 'develop:develop');
  await box.git(repository, 'symbolic-ref', 'HEAD', 'refs/heads/develop');
  await startSshd(box, { authorizedKeys: `${home}/.ssh/authorized_keys`, home });
  return { url: `${SSH_HOST}:queue`, repository };
}

async function gitolite(box: Scene, ...args: readonly string[]): Promise<void> {
  const { exitCode, stdout, stderr } = await box.run(box.path(HOME), 'env', [
    `HOME=${box.path(HOME)}`,
    'gitolite',
    ...args,
  ]);
  if (exitCode !== 0) throw new Error(`gitolite ${args[0]}: ${stdout}${stderr}`);
}
