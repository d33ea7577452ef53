import { addDeclaration } from '../../add/declare.ts';
import { askDeclaration } from '../../ask/declare.ts';
import { claimDeclaration } from '../../claim/declare.ts';
import { completeDeclaration } from '../../complete/declare.ts';
import { noteDeclaration } from '../../note/declare.ts';
import { releaseDeclaration } from '../../release/declare.ts';
import { reviewDeclaration } from '../../review/declare.ts';
import { showDeclaration } from '../../show/declare.ts';
import { statusDeclaration } from '../../status/declare.ts';
import {
  addInput,
  addOutput,
  askInput,
  claimInput,
  claimOutput,
  completeInput,
  completeOutput,
  noteInput,
  releaseInput,
  showInput,
  showOutput,
  statusInput,
  statusOutput,
  taskOutput,
} from './schemas.ts';
import { defineTool, type Tool } from './tool.ts';

/** Every tool, in the order in which an agent needs them. */
export const TOOLS: readonly Tool[] = [
  defineTool({
    name: 'claim',
    title: 'Claim a task',
    description:
      'Claims the best task for you; nobody else gets it. The claim is renewed for you until you end it with complete, ask or release.',
    input: claimInput,
    output: claimOutput,
    effect: 'claims',
    again: 'more',
    toCall(values, { agent, project, can }) {
      const { task, type, labels = {}, wait, ...given } = values;
      return {
        declaration: claimDeclaration,
        args: filled({ 'agent-id': agent, project: given.project ?? project }),
        flags: {
          ...filled({
            task,
            type,
            wait,
            'min-priority': textOf(given.min_priority),
            'max-priority': textOf(given.max_priority),
          }),
          ...listed({ label: Object.entries(labels).map((pair) => pair.join('=')), can }),
        },
      };
    },
  }),
  defineTool({
    name: 'show',
    title: 'Show a task',
    description: 'All about a task: description, criteria, notes, questions and answers, what it requires.',
    input: showInput,
    output: showOutput,
    effect: 'reads',
    again: 'same',
    toCall(values, caller) {
      return { declaration: showDeclaration, args: { task: caller.task(values.task) }, flags: {} };
    },
  }),
  defineTool({
    name: 'note',
    title: 'Add a note',
    description: 'Adds a note to a task, for whoever works on it next.',
    input: noteInput,
    output: taskOutput,
    effect: 'adds',
    again: 'more',
    toCall(values, caller) {
      const args = { task: caller.task(values.task), text: values.text };
      return { declaration: noteDeclaration, args, flags: { agent: caller.agent } };
    },
  }),
  defineTool({
    name: 'ask',
    title: 'Ask a person',
    description:
      'Gives the task back with a question: nobody gets it until a person has answered. Ends your claim, so leave a note of what is done.',
    input: askInput,
    output: taskOutput,
    effect: 'ends-claim',
    again: 'more',
    toCall(values, caller) {
      const task = caller.task(values.task);
      return {
        declaration: askDeclaration,
        args: { 'task-id': task, 'agent-id': caller.agent, question: values.question },
        flags: filled({ 'claim-id': caller.claimOn(task) }),
      };
    },
  }),
  defineTool({
    name: 'complete',
    title: 'Complete the task',
    description: 'Says that all of the task is done. Ends your claim.',
    input: completeInput,
    output: completeOutput,
    effect: 'ends-claim',
    again: 'same',
    toCall(values, caller) {
      const { pr_url: prUrl, review = false } = values;
      const task = caller.task(values.task);
      const args = filled({ 'task-id': task, 'agent-id': caller.agent, 'pr-url': prUrl });
      const flags = filled({ 'claim-id': caller.claimOn(task) });
      // No `verify`: a client that allows this tool has not allowed the shell commands of task files.
      return { declaration: review ? reviewDeclaration : completeDeclaration, args, flags };
    },
  }),
  defineTool({
    name: 'release',
    title: 'Give the task back',
    description: 'Gives the task back for others, because you cannot do it. Ends your claim.',
    input: releaseInput,
    output: taskOutput,
    effect: 'ends-claim',
    again: 'same',
    toCall(values, caller) {
      const task = caller.task(values.task);
      return {
        declaration: releaseDeclaration,
        args: { 'task-id': task, 'agent-id': caller.agent },
        flags: filled({ reason: values.reason, 'claim-id': caller.claimOn(task) }),
      };
    },
  }),
  defineTool({
    name: 'add',
    title: 'Add tasks',
    description: 'Adds new tasks to the queue, all or none.',
    input: addInput,
    output: addOutput,
    effect: 'adds',
    again: 'more',
    toCall(values, { agent, project }) {
      const { tasks, ...given } = values;
      return {
        declaration: addDeclaration,
        args: {},
        flags: filled({ file: '-', agent, project: given.project ?? project }),
        input: JSON.stringify(tasks),
      };
    },
  }),
  defineTool({
    name: 'status',
    title: 'The queue at a glance',
    description: 'Counts by project, what happened lately, and what you hold.',
    input: statusInput,
    output: statusOutput,
    effect: 'reads',
    again: 'same',
    toCall(values, { project }) {
      return { declaration: statusDeclaration, args: filled({ project: values.project ?? project }), flags: {} };
    },
  }),
];

function filled(values: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).filter((pair): pair is [string, string] => pair[1] !== undefined && pair[1] !== ''),
  );
}

function listed(values: Readonly<Record<string, readonly string[]>>): Record<string, readonly string[]> {
  return Object.fromEntries(Object.entries(values).filter(([, list]) => list.length > 0));
}

function textOf(value: number | undefined): string | undefined {
  return value === undefined ? undefined : String(value);
}
