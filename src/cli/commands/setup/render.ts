import { sanitizeLine } from '../../output/sanitize.ts';
import type { SetupFile, SetupResult } from './result.ts';

const DONE: Readonly<Record<SetupFile['action'], string>> = {
  create: 'created',
  update: 'updated',
  remove: 'removed',
  none: 'left',
  kept: 'left',
};

const WOULD: Readonly<Record<SetupFile['action'], string>> = {
  create: 'would create',
  update: 'would update',
  remove: 'would remove',
  none: 'would leave',
  kept: 'would leave',
};

/** One line for each file that changes, or would; of a dry run, for each file. */
export function render({ files, presentation: { mode } }: SetupResult): string {
  const isShown = ({ action }: SetupFile) => mode === 'dry-run' || (action !== 'none' && action !== 'kept');
  const words = mode === 'write' ? DONE : WOULD;
  return files
    .filter(isShown)
    .map(({ path, action }) => `${words[action]} ${sanitizeLine(path)}\n`)
    .join('');
}

/** 5 if a check finds something out of date. */
export function exitCode({ upToDate, presentation }: SetupResult): number {
  return presentation.mode === 'check' && !upToDate ? 5 : 0;
}
