import type { CommandDeclaration } from './declaration.ts';
import { claimDeclaration } from './declarations/claim.ts';
import { heartbeatDeclaration } from './declarations/heartbeat.ts';
import { listDeclaration } from './declarations/list.ts';
import { releaseDeclaration } from './declarations/release.ts';
import { showDeclaration } from './declarations/show.ts';

/** Every command, in the order of the help. */
export const COMMANDS: readonly CommandDeclaration[] = [
  claimDeclaration,
  heartbeatDeclaration,
  releaseDeclaration,
  listDeclaration,
  showDeclaration,
];
