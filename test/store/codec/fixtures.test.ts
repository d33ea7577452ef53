import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Task } from '../../../src/domain/queue/task.ts';
import { editTask } from '../../../src/store/codec/edits/edit-task.ts';
import { readTask } from '../../../src/store/codec/read-task.ts';

const FOLDER = new URL('../../fixtures/dialect/', import.meta.url);
const PROJECT = 'bike-shop';

interface Row {
  readonly title: string;
  readonly type: string;
  readonly priority: number;
  readonly status: string;
  /** Ids; `-` for an entry without one. */
  readonly required: string;
  readonly blocks: string;
  readonly criteria: number;
  /** `line code`. */
  readonly findings: readonly string[];
}

const ROWS: Readonly<Record<string, Row>> = {
  'SHOP-001': {
    title: 'Set up the monorepo and local services',
    type: 'infrastructure',
    priority: 10,
    status: 'ready',
    required: '',
    blocks: 'SHOP-002 SHOP-003',
    criteria: 6,
    findings: [],
  },
  'SHOP-002': {
    title: 'Catalogue: search, filters and facets',
    type: 'backend',
    priority: 9,
    status: 'blocked',
    required: 'SHOP-001',
    blocks: '',
    criteria: 5,
    findings: ['16 count-mismatch', '45 duplicate-key'],
  },
  'SHOP-003': {
    title: 'Customer accounts',
    type: 'backend',
    priority: 8,
    status: 'claimed',
    required: 'SHOP-001 -',
    blocks: 'SHOP-004 SHOP-005',
    criteria: 3,
    findings: ['23 dependency-without-id', '28 claim-without-heartbeat'],
  },
  'SHOP-004': {
    title: 'Basket and checkout',
    type: 'fullstack',
    priority: 7,
    status: 'ready',
    required: 'SHOP-002 SHOP-003 SHOP-001',
    blocks: 'SHOP-006',
    criteria: 5,
    findings: ['33 map-with-count'],
  },
  'SHOP-005': {
    title: 'Legal pages (older layout)',
    type: 'documentation',
    priority: 3,
    status: 'pending',
    required: 'SHOP-003',
    blocks: '',
    criteria: 2,
    findings: [],
  },
  'SHOP-006': {
    title: 'Returns: labels & refunds',
    type: 'backend',
    priority: 6,
    status: 'ready',
    required: 'SHOP-004 SHOP-003',
    blocks: '',
    criteria: 3,
    findings: [],
  },
  'SHOP-007': {
    title: 'Nightly stock import',
    type: 'backend',
    priority: 5,
    status: 'ready',
    required: '',
    blocks: '',
    criteria: 2,
    findings: ['25 duplicate-key'],
  },
  'SHOP-008': {
    title: 'Accessibility audit',
    type: 'testing',
    priority: 0,
    status: 'in_progress',
    required: 'SHOP-004 SHOP-006',
    blocks: '-',
    criteria: 2,
    findings: ['6 invalid-priority', '7 unknown-status', '8 duplicate-key'],
  },
  'SHOP-009': {
    title: 'Deployment to production',
    type: 'infrastructure',
    priority: 2,
    status: 'blocked',
    required: 'SHOP-001 SHOP-004 SHOP-004',
    blocks: '',
    criteria: 2,
    findings: ['24 duplicate-dependency'],
  },
  'SHOP-010': {
    title: 'Analytics without cookies',
    type: 'frontend',
    priority: 4,
    status: 'completed',
    required: '',
    blocks: '',
    criteria: 3,
    findings: ['1 map-with-count', '9 map-with-count', '14 count-mismatch', '20 map-with-count', '27 implausible-time'],
  },
  'SHOP-011': {
    title: 'Translate the shop 🇫🇷 → Français, Česky, 日本語',
    type: 'frontend',
    priority: 6,
    status: 'ready',
    required: 'SHOP-004',
    blocks: '',
    criteria: 4,
    findings: [],
  },
  'SHOP-012': {
    title: 'Load test before the sale',
    type: 'testing',
    priority: 5,
    status: 'pending',
    required: 'SHOP-004 SHOP-002 SHOP-006',
    blocks: 'other-project/SHOP-001',
    criteria: 2,
    findings: [],
  },
  'SHOP-013': {
    title: 'Warehouse app',
    type: 'mobile',
    priority: 7,
    status: 'blocked',
    required: 'SHOP-001 SHOP-006',
    blocks: '',
    criteria: 3,
    findings: ['25 claim-without-owner', '25 claim-without-heartbeat'],
  },
  'SHOP-014': {
    title: 'Gift cards',
    type: 'backend',
    priority: 8.5,
    status: 'ready',
    required: 'SHOP-004 -',
    blocks: 'SHOP-015',
    criteria: 3,
    findings: [],
  },
};

function textOf(id: string): string {
  return readFileSync(new URL(`${id}.toon`, FOLDER), 'utf8');
}

function read(id: string, text = textOf(id)): ReturnType<typeof readTask> {
  return readTask(new TextEncoder().encode(text), { path: `${id}.toon`, project: PROJECT, id });
}

function taskOf(id: string, text?: string): Task {
  const reading = read(id, text);
  if (reading.kind !== 'read') throw new Error(JSON.stringify(reading));
  return reading.task;
}

function rowOf(id: string, text?: string): Row {
  const reading = read(id, text);
  if (reading.kind !== 'read') throw new Error(JSON.stringify(reading));
  const { task, findings } = reading;
  return {
    title: task.title ?? '',
    type: task.type ?? '',
    priority: task.priority,
    status: task.status ?? '',
    required: task.required.map((entry) => entry.id ?? '-').join(' '),
    blocks: task.blocks.map((entry) => entry.id ?? '-').join(' '),
    criteria: task.acceptanceCriteria.length,
    findings: findings.map((finding) => `${finding.line} ${finding.code}`),
  };
}

/** What editors do to files without being asked. */
const EDITORS: Readonly<Record<string, (text: string) => string>> = {
  'CRLF newlines': (text) => text.replaceAll('\n', '\r\n'),
  'a byte order mark': (text) => `\uFEFF${text}`,
  'trailing blanks': (text) => text.replace(/$/gm, ' \t'),
  'no final newline': (text) => text.replace(/\n$/, ''),
  'tabs for indentation': (text) => text.replace(/^ +/gm, (margin) => '\t'.repeat(margin.length)),
  'doubled indentation': (text) => text.replace(/^ +/gm, (margin) => margin + margin),
  'blank lines at the end': (text) => `${text}\n  \n\n`,
};

describe('task files as agents write them', () => {
  it('are all in the table', () => {
    const files = readdirSync(FOLDER).filter((name) => name.endsWith('.toon'));
    expect(files.map((name) => name.replace('.toon', '')).sort()).toEqual(Object.keys(ROWS).sort());
  });

  it.each(Object.entries(ROWS))('%s is read in full', (id, row) => {
    expect(taskOf(id).declaredId).toBe(id);
    expect(rowOf(id)).toEqual(row);
  });

  it.each(Object.keys(EDITORS).flatMap((editor) => Object.keys(ROWS).map((id) => [editor, id] as const)))(
    'with %s, %s is read alike',
    (editor, id) => {
      const text = EDITORS[editor]?.(textOf(id));
      expect(rowOf(id, text)).toEqual(ROWS[id]);
      expect(taskOf(id, text).acceptanceCriteria).toEqual(taskOf(id).acceptanceCriteria);
    },
  );

  it('keep block text as it is, whatever it looks like', () => {
    expect(taskOf('SHOP-001').details).toContain(
      '\n\nstatus: blocked must never appear in `docker compose ps`\n  services',
    );
    expect(taskOf('SHOP-003').details).toBe('# Scope\n# no social logins yet');
    expect(taskOf('SHOP-009').details).toBe(
      'One region first.\n\n    terraform apply -target=module.web\n\nThen the others.',
    );
    expect(taskOf('SHOP-012').details).toContain('claim:\n claimed_by: nobody\ntask:\n status: ready');
    expect(taskOf('SHOP-014').details).toBe('Codes:\n\n- 16 characters\n\n\n- valid for 3 years');
  });

  it('keep items verbatim', () => {
    expect(taskOf('SHOP-001').acceptanceCriteria[2]).toBe('Ports: 5432, 6379, 8025 are free to choose (.env)');
    expect(taskOf('SHOP-006').acceptanceCriteria).toEqual([
      'Label as PDF',
      'Refund: partial, or whole',
      'Mail after each step',
    ]);
    expect(taskOf('SHOP-011').acceptanceCriteria[1]).toBe('"Panier" instead of "Basket"');
    expect(taskOf('SHOP-011').acceptanceCriteria[2]).toBe('#42 is fixed along the way');
    expect(taskOf('SHOP-013').acceptanceCriteria).toEqual(['Works offline', 'Beeps on error', 'Prints the label']);
  });

  it('keep labels with the type they have, and numbers as they were written', () => {
    expect(taskOf('SHOP-001').labels).toEqual({
      created_by: 'architect-agent',
      created_at: '2025-03-02T09:00:00Z',
      estimated_hours: 8,
      version: '3.10',
    });
    expect(taskOf('SHOP-004').batch).toBe('launch');
    expect(taskOf('SHOP-009').blockedReason).toBe('waiting for the contract');
  });

  it('have the claim that was made last', () => {
    expect(taskOf('SHOP-002').claim?.lastHeartbeat).toBe('2025-03-05T10:15:00Z');
    expect(taskOf('SHOP-003').claim).toEqual({
      claimedBy: 'agent-engineer-$(date +%s) night shift',
      claimedAt: '2031-01-01T00:00:00Z',
    });
    expect(taskOf('SHOP-007').claim).toEqual({
      claimedBy: 'new-agent',
      claimedAt: '2025-03-07T00:00:00Z',
      lastHeartbeat: '2025-03-07T00:10:00Z',
      attempt: 3,
      claimId: 'abcdefghij012345',
    });
  });

  it.each(Object.keys(ROWS))('%s can be claimed and given back to the byte, also as any editor leaves it', (id) => {
    const where = { path: `${id}.toon`, project: PROJECT, id };
    const claim = {
      claimedBy: 'agent-1',
      claimedAt: '2025-06-01T10:00:00Z',
      lastHeartbeat: '2025-06-01T10:00:00Z',
      attempt: 1,
      claimId: 'abcdefghij012345',
    };
    for (const edit of [(text: string): string => text, ...Object.values(EDITORS)]) {
      const bytes = new TextEncoder().encode(edit(textOf(id)));
      const claimed = editTask(bytes, [{ kind: 'append-claim', claim }], where);
      const beating = editTask(claimed, [{ kind: 'set-heartbeat', at: '2025-06-01T10:05:00Z' }], where);
      expect(taskOf(id, new TextDecoder().decode(beating)).claim?.lastHeartbeat).toBe('2025-06-01T10:05:00Z');
      expect(editTask(beating, [{ kind: 'remove-claim' }], where)).toEqual(bytes);
    }
  });
});
