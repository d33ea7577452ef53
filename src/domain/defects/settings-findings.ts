import type { Finding } from '../base/finding.ts';
import { SETTINGS_FILE } from '../base/settings-file.ts';
import { closest } from '../base/suggest.ts';
import type { QueueSnapshot } from '../queue/snapshot.ts';

/** The branch that worktrees are to start from does not exist, so that no `work --worktree` can start. */
export function missingBase(base: string, remote: string | undefined): Finding {
  const where = remote === undefined ? 'in this repository' : `on ${remote}`;
  return {
    code: 'missing-base',
    severity: 'error',
    message: `base names ${base}, and there is no such branch ${where}`,
    hint: 'name a branch that is there: no worktree can start until then',
    file: SETTINGS_FILE,
  };
}

/** Limits of projects that do not exist: most likely a name is misspelt, and nothing is limited. */
export function limitFindings({ settings, projects }: QueueSnapshot): Finding[] {
  const names = [...projects.keys()];
  return settings.limits.flatMap(({ of }): Finding[] => {
    if (of.kind !== 'project' || projects.has(of.project)) return [];
    const meant = closest(of.project, names);
    const rest = meant === undefined ? '' : `, did you mean ${meant}?`;
    return [
      {
        code: 'limit-without-project',
        severity: 'warning',
        message: `limits names ${of.project}, and there is no such project${rest}`,
        hint: 'name a project of the queue, total, or label.<key>: this limit holds nothing back',
        file: SETTINGS_FILE,
      },
    ];
  });
}

/** A password that everybody can read who can read the branch, now and in its history. */
export function passwordFindings({ settings }: QueueSnapshot): Finding[] {
  if (settings.meet === 'without-login') return [];
  return [
    {
      code: 'password-in-settings',
      severity: 'error',
      message: 'meet contains a name or password, which everybody can read who can read this branch',
      hint: 'change the password, keep only host and port here, and give machines the URL by AGENTQ_MEET or AGENTQ_MEET_FILE',
      file: SETTINGS_FILE,
    },
  ];
}
