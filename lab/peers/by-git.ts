import type { Peer, Tool } from './peer.ts';

/** How files of a tool that only writes files get from clone to clone: by git, as the code does. */
export const BY_GIT: Required<Pick<Peer, 'receive' | 'share'>> = {
  async receive(tool) {
    await tool.git('fetch', '-q', 'origin', 'main');
    await tool.git('reset', '-q', '--hard', 'origin/main');
    await tool.git('clean', '-q', '-f', '-d');
  },

  async share(tool, agent, task) {
    await tool.git('add', '--all');
    await tool.git('commit', '-q', '-m', `${agent} claims ${task}`);
    return tool.tryGit('push', '-q', 'origin', 'HEAD:main');
  },
};

/** Commits and pushes the queue that was made. */
export async function publish(tool: Tool): Promise<void> {
  await tool.git('add', '--all');
  await tool.git('commit', '-q', '-m', 'A queue');
  await tool.git('push', '-q', 'origin', 'HEAD:main');
}
