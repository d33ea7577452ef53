import { forbidden, startHosted } from '../kit/servers/hosted.ts';
import type { ServerRow } from '../kit/servers/server.ts';

const OURS = '*\\ refs/agentq/*';
const DEVELOP = '*\\ refs/heads/develop';
const DELETION = 'delete\\ *';
const IDENTITY = "identity '0f2e\\worker@example.com'";

/** Services that no test can ask: a real git server with their rules and their words, after public reports of both. */
export const HOSTS: readonly ServerRow[] = [
  {
    name: 'github.com',
    family: 'hosted',
    allows: 'everything',
    start: (box) =>
      startHosted(box, {
        mostBytes: 255,
        says: ['error: GH005: Sorry, refs longer than 255 bytes are not supported.'],
        reason: 'pre-receive hook declined',
        aborted: 'atomic transaction failed',
        moved: `cannot lock ref 'refs/heads/develop': is at ${'1'.repeat(40)} but expected ${'2'.repeat(40)}`,
      }),
  },
  {
    name: 'github.com, protected branch',
    family: 'hosted',
    allows: 'reading',
    start: (box) =>
      startHosted(box, {
        refuses: DEVELOP,
        says: [
          'error: GH006: Protected branch update failed for refs/heads/develop.',
          'error: ',
          'error: - Changes must be made through a pull request.',
        ],
        reason: 'protected branch hook declined',
      }),
    says: /GH006: Protected branch update failed.*Changes must be made through a pull request/,
  },
  {
    name: 'github.com, rule set for the branch',
    family: 'hosted',
    allows: 'reading',
    start: (box) =>
      startHosted(box, {
        refuses: DEVELOP,
        says: [
          'error: GH013: Repository rule violations found for refs/heads/develop.',
          'Review all repository rules at https://github.com/o/r/rules?ref=refs%2Fheads%2Fdevelop',
          '',
          '- Changes must be made through a pull request.',
        ],
        reason: 'push declined due to repository rule violations',
      }),
    says: /GH013: Repository rule violations found.*Changes must be made through a pull request/,
  },
  {
    name: 'github.com, token that may only read',
    family: 'hosted',
    allows: 'reading',
    start: (box) => startHosted(box, forbidden('Permission to o/r.git denied to worker.')),
    says: /Permission to o\/r\.git denied to worker/,
  },
  {
    name: 'github.com, archived',
    family: 'hosted',
    allows: 'reading',
    start: (box) => startHosted(box, forbidden('This repository was archived so it is read-only.')),
    says: /archived so it is read-only/,
  },
  {
    name: 'gitlab.com',
    family: 'hosted',
    allows: 'everything',
    start: (box) => startHosted(box, { hook: 'pre-receive', moved: 'incorrect old value provided' }),
  },
  {
    name: 'gitlab.com, protected branch',
    family: 'hosted',
    allows: 'reading',
    start: (box) =>
      startHosted(box, {
        hook: 'pre-receive',
        refuses: DEVELOP,
        says: ['GitLab: You are not allowed to push code to protected branches on this project.'],
      }),
    says: /not allowed to push code to protected branches/,
  },
  {
    name: 'gitlab.com, push rule for e-mail addresses',
    family: 'hosted',
    allows: 'reading',
    start: (box) =>
      startHosted(box, {
        hook: 'pre-receive',
        refuses: DEVELOP,
        says: ["GitLab: Author's email 'a1@agentq.invalid' does not follow the pattern '@example.com$'"],
      }),
    says: /does not follow the pattern/,
  },
  {
    name: 'Azure DevOps, no permission to create branches',
    family: 'hosted',
    allows: 'branches only',
    start: (box) =>
      startHosted(box, {
        refuses: OURS,
        reason: `TF401027: You need the Git 'CreateBranch' permission to perform this action. Details: ${IDENTITY}, scope 'branch'.`,
      }),
  },
  {
    name: 'Azure DevOps, no permission to force a push',
    family: 'hosted',
    allows: 'no deletion',
    start: (box) =>
      startHosted(box, {
        refuses: DELETION,
        reason: `TF401027: You need the Git 'ForcePush' permission to perform this action. Details: ${IDENTITY}, scope 'branch'.`,
      }),
  },
  {
    name: 'Azure DevOps, branch policy',
    family: 'hosted',
    allows: 'reading',
    start: (box) =>
      startHosted(box, {
        refuses: DEVELOP,
        reason: 'TF402455: Pushes to this branch are not permitted; you must use a pull request to update this branch.',
      }),
    says: /TF402455: Pushes to this branch are not permitted/,
  },
  {
    name: 'Gerrit, `Push` on `refs/heads/*`',
    family: 'hosted',
    allows: 'branches only',
    start: (box) =>
      startHosted(box, {
        refuses: OURS,
        says: [
          'error: branch refs/agentq/...:',
          "You need 'Create' rights to create new references.",
          'User: worker',
          'Contact an administrator to fix the permissions',
        ],
        reason: 'prohibited by Gerrit: not permitted: create',
        aborted: 'transaction aborted',
        moved: 'failed to update ref: LOCK_FAILURE',
      }),
  },
  {
    name: 'Gerrit, changes by review only',
    family: 'hosted',
    allows: 'reading',
    start: (box) =>
      startHosted(box, {
        refuses: '*',
        says: [
          'error: branch refs/heads/develop:',
          "Push to refs/for/develop to create a review, or get 'Push' rights to update the branch.",
          'User: worker',
          'Contact an administrator to fix the permissions',
        ],
        reason: 'prohibited by Gerrit: not permitted: update',
      }),
    says: /prohibited by Gerrit: not permitted: update/,
  },
  {
    name: 'Gitea and Forgejo, protected branch',
    family: 'hosted',
    allows: 'reading',
    start: (box) =>
      startHosted(box, {
        hook: 'pre-receive',
        refuses: DEVELOP,
        says: ['Gitea: Not allowed to push to protected branch develop'],
      }),
    says: /Not allowed to push to protected branch develop/,
  },
  {
    name: 'Bitbucket, branch permissions',
    family: 'hosted',
    allows: 'reading',
    start: (box) =>
      startHosted(box, {
        hook: 'pre-receive',
        refuses: DEVELOP,
        says: [
          'Branch refs/heads/develop can only be modified through pull requests.',
          'Check your branch permissions configuration with the project administrator.',
        ],
      }),
    says: /can only be modified through pull requests/,
  },
];
