import type { CommandDeclaration } from './command/declaration.ts';
import { addDeclaration } from './commands/add/declare.ts';
import { agentsDeclaration } from './commands/agents/declare.ts';
import { answerDeclaration } from './commands/answer/declare.ts';
import { askDeclaration } from './commands/ask/declare.ts';
import { blockDeclaration } from './commands/block/declare.ts';
import { branchDeclaration } from './commands/branch/declare.ts';
import { cancelDeclaration } from './commands/cancel/declare.ts';
import { claimDeclaration } from './commands/claim/declare.ts';
import { completeDeclaration } from './commands/complete/declare.ts';
import { dashboardDeclaration } from './commands/dashboard/declare.ts';
import { demoDeclaration } from './commands/demo/declare.ts';
import { doctorDeclaration } from './commands/doctor/declare.ts';
import { editDeclaration } from './commands/edit/declare.ts';
import { exportDeclaration } from './commands/export/declare.ts';
import { graphDeclaration } from './commands/graph/declare.ts';
import { heartbeatDeclaration } from './commands/heartbeat/declare.ts';
import { importDeclaration } from './commands/import/declare.ts';
import { initDeclaration } from './commands/init/declare.ts';
import { listDeclaration } from './commands/list/declare.ts';
import { logDeclaration } from './commands/log/declare.ts';
import { mcpDeclaration } from './commands/mcp/declare.ts';
import { mergeDeclaration } from './commands/merge/declare.ts';
import { metricsDeclaration } from './commands/metrics/declare.ts';
import { noteDeclaration } from './commands/note/declare.ts';
import { pauseDeclaration } from './commands/pause/declare.ts';
import { primeDeclaration } from './commands/prime/declare.ts';
import { promptDeclaration } from './commands/prompt/declare.ts';
import { releaseDeclaration } from './commands/release/declare.ts';
import { releaseStalledDeclaration } from './commands/release-stalled/declare.ts';
import { reopenDeclaration } from './commands/reopen/declare.ts';
import { resumeDeclaration } from './commands/resume/declare.ts';
import { reviewDeclaration } from './commands/review/declare.ts';
import { setupDeclaration } from './commands/setup/declare.ts';
import { showDeclaration } from './commands/show/declare.ts';
import { simulateDeclaration } from './commands/simulate/declare.ts';
import { statusDeclaration } from './commands/status/declare.ts';
import { takeDeclaration } from './commands/take/declare.ts';
import { unblockDeclaration } from './commands/unblock/declare.ts';
import { validateDeclaration } from './commands/validate/declare.ts';
import { watchDeclaration } from './commands/watch/declare.ts';
import { workDeclaration } from './commands/work/declare.ts';

/** The commands, by who needs them, in the order of the help. */
export const COMMAND_GROUPS: readonly { readonly who: string; readonly commands: readonly CommandDeclaration[] }[] = [
  {
    who: 'people',
    commands: [
      initDeclaration,
      setupDeclaration,
      branchDeclaration,
      addDeclaration,
      importDeclaration,
      exportDeclaration,
      editDeclaration,
      answerDeclaration,
      blockDeclaration,
      cancelDeclaration,
      reopenDeclaration,
      pauseDeclaration,
      resumeDeclaration,
      statusDeclaration,
      dashboardDeclaration,
      listDeclaration,
      showDeclaration,
      graphDeclaration,
      logDeclaration,
      watchDeclaration,
      doctorDeclaration,
      demoDeclaration,
    ],
  },
  {
    who: 'agents',
    commands: [
      primeDeclaration,
      claimDeclaration,
      promptDeclaration,
      heartbeatDeclaration,
      noteDeclaration,
      askDeclaration,
      takeDeclaration,
      reviewDeclaration,
      completeDeclaration,
      releaseDeclaration,
      mcpDeclaration,
    ],
  },
  { who: 'pools', commands: [workDeclaration, agentsDeclaration, metricsDeclaration, simulateDeclaration] },
  {
    who: 'CI and cron',
    commands: [releaseStalledDeclaration, unblockDeclaration, mergeDeclaration, validateDeclaration],
  },
];

/** Every command, in the order of the help. */
export const COMMANDS: readonly CommandDeclaration[] = COMMAND_GROUPS.flatMap(({ commands }) => commands);
