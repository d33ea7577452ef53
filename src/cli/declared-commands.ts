import type { CommandDeclaration } from './declaration.ts';
import { addDeclaration } from './declarations/add.ts';
import { claimDeclaration } from './declarations/claim.ts';
import { completeDeclaration } from './declarations/complete.ts';
import { demoDeclaration } from './declarations/demo.ts';
import { heartbeatDeclaration } from './declarations/heartbeat.ts';
import { initDeclaration } from './declarations/init.ts';
import { listDeclaration } from './declarations/list.ts';
import { metricsDeclaration } from './declarations/metrics.ts';
import { releaseDeclaration } from './declarations/release.ts';
import { releaseStalledDeclaration } from './declarations/release-stalled.ts';
import { showDeclaration } from './declarations/show.ts';
import { simulateDeclaration } from './declarations/simulate.ts';
import { statusDeclaration } from './declarations/status.ts';
import { unblockDeclaration } from './declarations/unblock.ts';
import { validateDeclaration } from './declarations/validate.ts';
import { watchDeclaration } from './declarations/watch.ts';
import { workDeclaration } from './declarations/work.ts';

/** Every command, in the order of the help. */
export const COMMANDS: readonly CommandDeclaration[] = [
  claimDeclaration,
  heartbeatDeclaration,
  completeDeclaration,
  releaseDeclaration,
  workDeclaration,
  releaseStalledDeclaration,
  unblockDeclaration,
  addDeclaration,
  statusDeclaration,
  watchDeclaration,
  metricsDeclaration,
  listDeclaration,
  showDeclaration,
  validateDeclaration,
  initDeclaration,
  demoDeclaration,
  simulateDeclaration,
];
