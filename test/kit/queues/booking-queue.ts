import { encode } from '@toon-format/toon';
import type { LayoutName } from '../../../src/domain/queue/layouts.ts';

/** A made-up but realistic project: twelve tasks of a booking platform, in either notation and in every layout. */

export type Notation = 'canonical' | 'dialect';

export interface BookingTask {
  readonly id: string;
  readonly title: string;
  readonly type: string;
  readonly priority: number;
  readonly required: readonly string[];
  /** A remark that agents put behind the ids, by id. */
  readonly remarks?: Readonly<Record<string, string>>;
  /** Tasks without dependencies are ready, others blocked; some agents write ready all the same. */
  readonly status: 'ready' | 'blocked' | 'pending';
}

export const BOOKING: readonly BookingTask[] = [
  {
    id: 'TASK-001',
    title: 'Set up the local development environment',
    type: 'infrastructure',
    priority: 10,
    required: [],
    status: 'ready',
  },
  {
    id: 'TASK-002',
    title: 'Create the database schema',
    type: 'backend',
    priority: 10,
    required: ['TASK-001'],
    remarks: { 'TASK-001': 'Local dev environment' },
    status: 'blocked',
  },
  {
    id: 'TASK-003',
    title: 'Sign in with e-mail: links, no passwords',
    type: 'backend',
    priority: 9,
    required: ['TASK-002'],
    status: 'blocked',
  },
  {
    id: 'TASK-004',
    title: 'Calendar of free rooms',
    type: 'backend',
    priority: 8,
    required: ['TASK-002'],
    status: 'blocked',
  },
  {
    id: 'TASK-005',
    title: 'Prices [per night, per season]',
    type: 'backend',
    priority: 8,
    required: ['TASK-002'],
    status: 'ready',
  },
  {
    id: 'TASK-006',
    title: 'Book a room',
    type: 'backend',
    priority: 9,
    required: ['TASK-003', 'TASK-004', 'TASK-005'],
    status: 'blocked',
  },
  {
    id: 'TASK-007',
    title: 'Pay by card',
    type: 'backend',
    priority: 7,
    required: ['TASK-006'],
    remarks: { 'TASK-006': 'Booking' },
    status: 'blocked',
  },
  {
    id: 'TASK-008',
    title: 'Web front end',
    type: 'frontend',
    priority: 6,
    required: ['TASK-003', 'TASK-004'],
    status: 'pending',
  },
  {
    id: 'TASK-009',
    title: 'Mails to guests',
    type: 'backend',
    priority: 5,
    required: ['TASK-006', 'TASK-007'],
    status: 'blocked',
  },
  {
    id: 'TASK-010',
    title: 'Continuous deployment',
    type: 'infrastructure',
    priority: 4,
    required: ['TASK-001'],
    status: 'blocked',
  },
  {
    id: 'TASK-011',
    title: 'Load tests',
    type: 'testing',
    priority: 3,
    required: ['TASK-007', 'TASK-008', 'TASK-010'],
    status: 'blocked',
  },
  {
    id: 'TASK-012',
    title: 'Runbooks and handover',
    type: 'documentation',
    priority: 2,
    required: ['TASK-011', 'TASK-009'],
    status: 'ready',
  },
];

/** What of a task's own bytes changes when it is opened: the value of its first status line, and nothing else. */
export function opened(text: string): string {
  return text.replace(/^( *)status: \w+$/m, '$1status: ready');
}

/** The task file as an agent, or the TOON library, writes it. */
export function bookingText(task: BookingTask, notation: Notation, project: string): string {
  return notation === 'canonical' ? canonical(task, project) : dialect(task, project);
}

/** The folders of the layout for the project; `flat` knows only one, named `default`. */
export function foldersOf(layout: LayoutName, project: string): { tasks: string; claimed: string; completed: string } {
  if (layout === 'split') {
    return {
      tasks: `.agents/projects/${project}/tasks`,
      claimed: `.agents/claimed/${project}`,
      completed: `.agents/completed/${project}`,
    };
  }
  const home = {
    core: `.agents-core/state/${project}`,
    agents: `.agents/${project}`,
    projects: `.agents/projects/${project}`,
    bare: `state/${project}`,
    flat: '.agents',
  }[layout];
  return { tasks: `${home}/tasks`, claimed: `${home}/claimed`, completed: `${home}/completed` };
}

/** All twelve as files of a commit. */
export function bookingFiles(layout: LayoutName, notation: Notation, project = 'booking'): Record<string, string> {
  const { tasks, completed } = foldersOf(layout, project);
  const files = Object.fromEntries(
    BOOKING.map((task) => [`${tasks}/${task.id}.toon`, bookingText(task, notation, project)]),
  );
  // What tells the split layout from the one with all folders inside the project.
  return layout === 'split'
    ? { ...files, '.agents/completed/.gitkeep': '' }
    : { ...files, [`${completed}/.gitkeep`]: '' };
}

function entries({ required, remarks }: BookingTask): string[] {
  return required.map((id) => (remarks?.[id] === undefined ? id : `${id} (${remarks[id]})`));
}

function blockedBy(task: BookingTask): string[] {
  return BOOKING.filter(({ required }) => required.includes(task.id)).map(({ id }) => id);
}

function canonical(task: BookingTask, project: string): string {
  const { id, title, type, priority, status } = task;
  return `${encode({
    task: { id, project, title, type, priority, status },
    description: { summary: title, details: `Do this:\n- ${title}\n\nstatus: blocked until it works.` },
    acceptance_criteria: ['It works', 'Tests cover it: unit, integration', 'Reviewed'],
    dependencies: { required: entries(task), blocks: blockedBy(task) },
    metadata: { created_by: 'architect', estimated_hours: 8 },
  })}\n`;
}

function dialect(task: BookingTask, project: string): string {
  const { id, title, type, priority, status } = task;
  const required = entries(task);
  const blocks = blockedBy(task);
  return [
    'task:',
    ` id: ${id}`,
    ` project: ${project}`,
    ` title: ${title}`,
    ` type: ${type}`,
    ` priority: ${priority}`,
    ` status: ${status}`,
    '',
    'description:',
    ` summary: ${title}`,
    ' details: |',
    `  Do this: ${title} 🤖`,
    '',
    '  status: blocked',
    '   - until it works',
    '',
    // As agents count.
    'acceptance_criteria[4]:',
    ' It works',
    ' Tests cover it: unit, integration',
    ' Reviewed',
    '',
    'dependencies:',
    ` required[${required.length}]:`,
    ...required.map((entry) => `  ${entry}`),
    ` blocks[${blocks.length}]:`,
    ...blocks.map((entry) => `  ${entry}`),
    '',
    'metadata:',
    ' created_by: architect',
    ' status: draft',
    '',
  ].join('\n');
}
