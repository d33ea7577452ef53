import type { FileWrite } from '../queue/edit.ts';
import { compareText } from '../queue/ordering.ts';
import type { PoolSettings } from '../queue/snapshot.ts';
import { isDangerous } from './earlier.ts';
import type { Existing, KitFile } from './existing.ts';
import { atBranch } from './install.ts';

/** Where workflows run. */
export const SERVICES = ['github', 'gitlab'] as const;

export type Service = (typeof SERVICES)[number];

export interface WorkflowsRequest {
  readonly service: Service;
  /** The files of `.agents-core/`. */
  readonly kit: readonly KitFile[];
  readonly onDifference: 'keep' | 'overwrite';
  /** The queue's branch, which the workflows name. */
  readonly branch: string;
  /** Whether the queue's commits are signed. */
  readonly signing: PoolSettings['signing'];
}

/** What the default branch needs so that the workflows run. */
export interface WorkflowsPlan {
  readonly writes: readonly FileWrite[];
  readonly created: readonly string[];
  readonly overwritten: readonly string[];
  /** Files of an earlier version that nobody had changed. */
  readonly updated: readonly string[];
  readonly kept: readonly string[];
  /** What a person has to do, if a file is there that cannot be changed without touching more than it should. */
  readonly byHand?: string;
}

const PIPELINE = '.gitlab-ci.yml';
const JOBS = '.gitlab/agentq.gitlab-ci.yml';

/** The files where the service looks for them: GitHub in a folder of its own, GitLab where its one file says. */
export function workflowFiles({ service, kit, branch }: WorkflowsRequest): KitFile[] {
  return kit.flatMap(({ path, content, mode }) => {
    const [, name] = new RegExp(`^\\.agents-core/workflows/${service}/([\\w.-]+)$`).exec(path) ?? [];
    if (name === undefined) return [];
    return [
      { path: service === 'github' ? `.github/workflows/${name}` : JOBS, content: atBranch(content, branch), mode },
    ];
  });
}

/** Paths that {@link decideWorkflows} asks about. */
export function workflowPaths(request: WorkflowsRequest): string[] {
  const paths = workflowFiles(request).map(({ path }) => path);
  return request.service === 'github' ? paths : [...paths, PIPELINE];
}

/** What to write. A file that differs stays unless the request says otherwise, or it installs from a registry. */
export function decideWorkflows(request: WorkflowsRequest, existing: (path: string) => Existing): WorkflowsPlan {
  const writes: FileWrite[] = [];
  const created: string[] = [];
  const overwritten: string[] = [];
  const updated: string[] = [];
  const kept: string[] = [];
  for (const { path, content } of workflowFiles(request)) {
    const there = existing(path);
    if (there.kind === 'file' && there.content === content) continue;
    if (there.kind === 'absent') created.push(path);
    else if (there.kind === 'file' && there.by === 'init') updated.push(path);
    else if (there.kind === 'file' && (request.onDifference === 'overwrite' || isDangerous(there)))
      overwritten.push(path);
    else {
      kept.push(path);
      continue;
    }
    writes.push({ path, content });
  }
  const plan = { created, overwritten, updated, kept };
  if (request.service === 'github') return { ...plan, writes };
  const pipeline = existing(PIPELINE);
  const included =
    pipeline.kind === 'absent' ? withInclude('') : pipeline.kind === 'file' ? withInclude(pipeline.content) : undefined;
  if (included === undefined) {
    return { ...plan, writes, byHand: `add \`local: ${JOBS}\` to the \`include\` of ${PIPELINE}` };
  }
  if (pipeline.kind === 'absent') created.push(PIPELINE);
  else if (pipeline.kind === 'file' && pipeline.content !== included) overwritten.push(PIPELINE);
  if (pipeline.kind === 'absent' || (pipeline.kind === 'file' && pipeline.content !== included)) {
    writes.push({ path: PIPELINE, content: included });
  }
  return { ...plan, writes: writes.sort((a, b) => compareText(a.path, b.path)) };
}

/**
 * The pipeline with the jobs included; every line that is there stays.
 * @returns undefined if it includes others in a form that takes a person to change
 */
export function withInclude(text: string): string | undefined {
  if (text.includes(JOBS)) return text;
  const lines = text.split('\n');
  const at = lines.findIndex((line) => line.startsWith('include:'));
  if (at < 0) {
    const gap = text === '' ? '' : text.endsWith('\n') ? '\n' : '\n\n';
    return `${text}${gap}include:\n  - local: ${JOBS}\n`;
  }
  const [, indent] = /^( *)- /.exec(lines[at + 1] ?? '') ?? [];
  if (lines[at]?.trimEnd() !== 'include:' || indent === undefined) return undefined;
  return [...lines.slice(0, at + 1), `${indent}- local: ${JOBS}`, ...lines.slice(at + 1)].join('\n');
}
