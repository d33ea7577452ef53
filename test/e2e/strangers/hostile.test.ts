import { symlink, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { plainTask } from '../../kit/processes/old-agents.ts';
import { auditQueue } from '../../kit/queues/queue-audit.ts';
import { isFull } from '../../kit/sample.ts';
import { type Scene, scene } from '../../kit/scene/scene.ts';

/** Task files that nobody should have committed (CONTRACT 7.6): nothing is run, nothing changes, the others are claimed. */

const READY = '.agents/auth/tasks';
const TITLE = 'evil \u001b[2J\u001b]0;owned\u0007 \u202egnp.exe $(touch pwned) `touch pwned` ; touch pwned';

interface Case {
  readonly what: string;
  /** Its name without `.toon`; a task id where it can be one. */
  readonly name: string;
  readonly content: Uint8Array | string | { readonly linkTo: string };
  /** What validate says of it. */
  readonly code: string;
  readonly severity: 'error' | 'warning';
}

const CASES: readonly Case[] = [
  {
    what: 'binary',
    name: 'TASK-10',
    content: Uint8Array.from({ length: 4096 }, (_, at) => (at * 7) % 256),
    code: 'unreadable',
    severity: 'error',
  },
  { what: 'empty', name: 'TASK-11', content: '', code: 'unreadable', severity: 'error' },
  {
    what: 'of 3 MB',
    name: 'TASK-12',
    content: `${plainTask('TASK-12', { priority: 99 })}${'# padding\n'.repeat(300_000)}`,
    code: 'unreadable',
    severity: 'error',
  },
  {
    what: 'a link to a file outside',
    name: 'TASK-13',
    content: { linkTo: '/etc/passwd' },
    code: 'unreadable',
    severity: 'error',
  },
  {
    what: 'a link to another task',
    name: 'TASK-14',
    content: { linkTo: 'TASK-1.toon' },
    code: 'unreadable',
    severity: 'error',
  },
  {
    what: 'a link that leads nowhere',
    name: 'TASK-15',
    content: { linkTo: '../../../../nowhere' },
    code: 'unreadable',
    severity: 'error',
  },
  {
    what: 'named like an option',
    name: '-rf',
    content: plainTask('TASK-16', { priority: 99 }),
    code: 'foreign-file',
    severity: 'warning',
  },
  {
    what: 'named like a command',
    name: '$(touch pwned)',
    content: plainTask('TASK-17', { priority: 99 }),
    code: 'foreign-file',
    severity: 'warning',
  },
  {
    what: 'named with a line break',
    name: 'TASK-18\n[AGENT-CLAIM] x',
    content: plainTask('TASK-18', { priority: 99 }),
    code: 'foreign-file',
    severity: 'warning',
  },
  {
    what: 'named with an escape',
    name: 'TASK-19\u001b[2J',
    content: plainTask('TASK-19', { priority: 99 }),
    code: 'foreign-file',
    severity: 'warning',
  },
  {
    what: 'with a conflict in it',
    name: 'TASK-20',
    content: `<<<<<<< HEAD\n${plainTask('TASK-20')}=======\n${plainTask('TASK-20')}>>>>>>> x\n`,
    code: 'unreadable',
    severity: 'error',
  },
  { what: 'without a task', name: 'TASK-21', content: 'just: words\n', code: 'unreadable', severity: 'error' },
];

async function hostileQueue(box: Scene, cases: readonly Case[]): Promise<{ remote: string; clone: string }> {
  const remote = await box.bareRemote({ [`${READY}/TASK-1.toon`]: plainTask('TASK-1') });
  const author = await box.clone(remote, 'author');
  for (const { name, content } of cases) {
    const path = box.path(author, READY, `${name}.toon`);
    if (typeof content === 'object' && 'linkTo' in content) await symlink(content.linkTo, path);
    else await writeFile(path, content);
  }
  await box.git(author, 'add', '-A');
  await box.git(author, 'commit', '-q', '-m', 'Add what nobody should');
  await box.git(author, 'push', '-q', 'origin', 'develop');
  return { remote, clone: await box.clone(remote, 'clone', '--no-checkout') };
}

/** Nothing but printable text, tabs and line ends: nothing that moves a cursor. */
const HARMLESS = /^[^\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e]*$/;

async function pwned(box: Scene): Promise<string> {
  return (await box.run(box.root, 'find', ['.', '-name', 'pwned*', '-not', '-name', '*.toon'])).stdout;
}

describe.each(CASES)('a task file $what', (hostile) => {
  it('is passed over by claim, shown by list and reported by validate', async () => {
    await using box = await scene();
    const { remote, clone } = await hostileQueue(box, [hostile]);
    const agentq = (...args: string[]) => box.agentq(clone, ...args);
    const before = await box.git(remote, 'ls-tree', 'develop', `${READY}/`);

    const report = await agentq('validate', '--json');
    const found = JSON.parse(report.stdout).findings;
    expect(found).toMatchObject([
      { code: hostile.code, severity: hostile.severity, file: `${READY}/${hostile.name}.toon` },
    ]);
    expect(report.code).toBe(hostile.severity === 'error' ? 5 : 0);
    const ways = [['validate'], ['list'], ['show', hostile.name, '--json'], ['claim', 'a1', '--task', hostile.name]];
    const nth = CASES.indexOf(hostile);
    // All for the first, and one in turn for each of the others.
    for (const args of isFull || nth === 0 ? ways : ways.filter((_way, index) => index === nth % ways.length)) {
      const { code, stdout, stderr } = await agentq(...args);
      expect(stdout, args.join(' ')).toMatch(HARMLESS);
      expect(stderr, args.join(' ')).toMatch(HARMLESS);
      if (args[0] === 'show' || args[0] === 'claim') expect([3, 5, 64]).toContain(code);
    }
    expect(await box.git(remote, 'ls-tree', 'develop', `${READY}/`)).toBe(before);

    const claimed = await agentq('claim', 'a1');
    expect(claimed).toMatchObject({ code: 0, stdout: 'auth/TASK-1\n' });
    if (hostile.code === 'unreadable') expect(claimed.stderr).toContain(`${READY}/${hostile.name}.toon`);
    const after = (await box.git(remote, 'ls-tree', 'develop', `${READY}/`)).split('\n');
    expect(before.split('\n').filter((line) => !after.includes(line))).toEqual([
      expect.stringContaining('TASK-1.toon'),
    ]);
    expect((await auditQueue(box.path(remote))).violations).toEqual([]);
    expect(await pwned(box)).toBe('');
  });
});

describe('a task whose title is hostile', () => {
  it('is claimed and completed like any other, and shows no escape on the way', async () => {
    await using box = await scene();
    const text = plainTask('TASK-1').replace('Title of TASK-1', TITLE);
    const remote = await box.bareRemote({ [`${READY}/TASK-1.toon`]: text });
    const clone = await box.clone(remote, 'clone');
    for (const args of [
      ['list'],
      ['validate'],
      ['claim', 'a1'],
      ['list', '--json'],
      ['status'],
      ['complete', 'TASK-1', 'a1'],
    ]) {
      const { code, stdout, stderr } = await box.agentq(clone, ...args);
      expect(code, `${args.join(' ')}: ${stderr}`).toBe(0);
      expect(stdout, args.join(' ')).toMatch(HARMLESS);
      expect(stderr, args.join(' ')).toMatch(HARMLESS);
    }
    const messages = await box.git(remote, 'log', '--format=%B', 'develop');
    expect(messages).toMatch(HARMLESS);
    // The bytes of the file are the user's, whatever is in them.
    expect((await box.files(remote, 'develop'))['.agents/auth/completed/TASK-1.toon']?.startsWith(text)).toBe(true);
    expect(await pwned(box)).toBe('');
  });
});
