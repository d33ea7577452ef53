import Anser from 'anser';
import { AGENTQ_BIN, NODE } from '../../test/kit/processes/run-agentq.ts';
import { SAMPLE_NOW, type SampleQueue } from './sample-queue.ts';

const COLUMNS = 118;
const ROWS = 40;

/** What `agentq status --watch` draws in a real terminal (tmux), as a page that looks like one. */
export async function terminalPicture(queue: SampleQueue): Promise<string> {
  const { box } = queue;
  const socket = box.path('tmux');
  const tmux = async (...args: readonly string[]): Promise<string> =>
    (await box.run(queue.clone, 'tmux', ['-S', socket, ...args])).stdout;
  const env = Object.entries(queue.at(SAMPLE_NOW).env ?? {}).map(([name, value]) => `${name}='${value ?? ''}'`);
  const command = `env ${env.join(' ')} COLORTERM=truecolor TERM=xterm-256color '${NODE}' '${AGENTQ_BIN}' status --watch`;
  const size = ['-x', String(COLUMNS), '-y', String(ROWS)];
  await tmux('-f', '/dev/null', 'new-session', '-d', ...size, command, ';', 'set', 'status', 'off');
  try {
    for (;;) {
      const screen = await tmux('capture-pane', '-e', '-p');
      if (screen.includes('EVENTS') || screen.includes('q quit')) return pageOf(screen.trimEnd());
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  } finally {
    await tmux('kill-server');
  }
}

function pageOf(screen: string): string {
  const lines = Anser.ansiToHtml(Anser.escapeForHtml(screen), { use_classes: true });
  return `<!doctype html><meta charset="utf-8"><style>${STYLES}</style>
<div class="window"><header><i></i><i></i><i></i><b>agentq status --watch</b></header><pre>${lines}</pre></div>`;
}

const STYLES = `
  body { margin: 0; padding: 28px; background: #dfe4ea; width: max-content; }
  .window { background: #14181f; border-radius: 10px; box-shadow: 0 12px 32px #0f172a40; overflow: hidden; }
  header { display: flex; gap: 8px; align-items: center; padding: 11px 14px; background: #1f2530; }
  header i { width: 12px; height: 12px; border-radius: 50%; background: #f26d5f; }
  header i:nth-child(2) { background: #f0bd4f; }
  header i:nth-child(3) { background: #5fc269; }
  header b { flex: 1; margin-right: 60px; text-align: center; color: #9aa5b5; font: 500 13px Inter, Arial, sans-serif; }
  pre { margin: 0; padding: 14px 18px 18px; color: #d5dbe5; font: 14px/1.36 "JetBrains Mono", "DejaVu Sans Mono", monospace; font-variant-ligatures: none; }
  .ansi-bold { font-weight: 700; color: #fff; } .ansi-dim { color: #8391a5; } .ansi-underline { text-decoration: underline; }
  .ansi-black-fg { color: #5c677a; } .ansi-bright-black-fg { color: #8391a5; }
  .ansi-red-fg, .ansi-bright-red-fg { color: #ff7a70; } .ansi-green-fg, .ansi-bright-green-fg { color: #6fd388; }
  .ansi-yellow-fg, .ansi-bright-yellow-fg { color: #f2c55c; } .ansi-blue-fg, .ansi-bright-blue-fg { color: #7fb2ff; }
  .ansi-magenta-fg, .ansi-bright-magenta-fg { color: #d79bff; } .ansi-cyan-fg, .ansi-bright-cyan-fg { color: #63d1d8; }
  .ansi-white-fg, .ansi-bright-white-fg { color: #fff; }
`;
