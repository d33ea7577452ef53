import { sanitizeJson, sanitizeLine, sanitizeText } from '../../../src/cli/output/sanitize.ts';
import { parseDuration } from '../../../src/domain/base/duration.ts';
import {
  agentProblem,
  branchProblem,
  projectProblem,
  prUrlProblem,
  quote,
  remoteProblem,
  taskIdProblem,
} from '../../../src/domain/base/names.ts';
import { closest } from '../../../src/domain/base/suggest.ts';
import { parseBeats } from '../../../src/domain/leases/ref-heartbeat.ts';
import { parseTime } from '../../../src/domain/leases/staleness.ts';
import { parseMeeting } from '../../../src/domain/meeting/meeting-url.ts';
import { activityOf } from '../../../src/domain/past/activity.ts';
import { parseCursor } from '../../../src/domain/past/cursor.ts';
import { expandPrompt, PROMPT_FIELDS, type PromptValues } from '../../../src/domain/prompt/template.ts';
import { parseHold } from '../../../src/domain/queue/batches.ts';
import { parseDependencyEntries } from '../../../src/domain/queue/dependency-entry.ts';
import type { TaskEdit } from '../../../src/domain/queue/edit.ts';
import { compareNatural } from '../../../src/domain/queue/ordering.ts';
import { taskAt } from '../../../src/domain/queue/task-path.ts';
import { formatCommitMessage } from '../../../src/domain/rules/commit-message.ts';
import { readFailures, readLedger } from '../../../src/domain/rules/ledger.ts';
import { maskSecrets } from '../../../src/domain/secrets/mask.ts';
import { parseRequestRef } from '../../../src/engine/helping/request-ref.ts';
import { parseIntent } from '../../../src/engine/wire/intent-schema.ts';
import { classifyPush, classifyUpdate } from '../../../src/git/answers/push-report.ts';
import { classifyRead } from '../../../src/git/answers/read-report.ts';
import { outcomeOfReport } from '../../../src/git/answers/receive-report.ts';
import { plainLines, wordsOf } from '../../../src/git/process/words.ts';
import { byKey, parseConfigFile, parseConfigListing } from '../../../src/git/repository/git-config.ts';
import { remotesIn } from '../../../src/git/repository/remotes.ts';
import { AdvertisementReader } from '../../../src/git/wire/advertisement.ts';
import { packet } from '../../../src/git/wire/packets.ts';
import { ReportReader } from '../../../src/git/wire/report-reader.ts';
import { editTask } from '../../../src/store/codec/edits/edit-task.ts';
import { readTask } from '../../../src/store/codec/read-task.ts';
import { readPlan } from '../../../src/store/input/read-plan.ts';
import { formatSignIn, parseSignIn } from '../../../src/store/leases/sign-in-format.ts';
import { parseSettings } from '../../../src/store/reading/settings.ts';
import { signInOf } from '../queues/sign-ins.ts';

const WHERE = { path: '.agents/auth/tasks/TASK-1.toon', project: 'auth', id: 'TASK-1' };
const TASK = 'task:\n  id: TASK-1\n  title: Title\n  status: ready\n';
const TIME = '2025-06-01T12:00:00Z';
const EDITS: readonly TaskEdit[] = [
  {
    kind: 'append-claim',
    claim: { claimedBy: 'agent-1', claimedAt: TIME, lastHeartbeat: TIME, attempt: 1, claimId: 'c1' },
  },
  { kind: 'set-heartbeat', at: TIME },
  { kind: 'remove-claim' },
  { kind: 'set-status', status: 'blocked' },
  { kind: 'set-blocked-reason', reason: undefined },
  { kind: 'append-completion', completion: { completedAt: TIME, completedBy: 'agent-1' } },
];

const PROMPT_VALUES = Object.fromEntries(PROMPT_FIELDS.map((field) => [field, 'x'])) as PromptValues;

/**
 * Everything that reads text from outside: each takes any text, and either understands it or says why not, by a value or
 * a `Failure`.
 */
export const READERS: Readonly<Record<string, (text: string) => unknown>> = {
  'a task file': (text) => readTask(bytes(text), WHERE),
  'the end of a task file': (text) => readTask(bytes(TASK + text), WHERE),
  'a field': (text) => readTask(bytes(`${TASK}  summary: ${text}\n`), WHERE),
  'required entries': (text) => readTask(bytes(`${TASK}dependencies:\n  required[1]:\n    ${indented(text)}\n`), WHERE),
  'a claim block': (text) => readTask(bytes(`${TASK}claim:\n  claimed_by: a\n  ${indented(text)}\n`), WHERE),
  'edits of a task file': (text) => editTask(bytes(TASK + text), EDITS, WHERE),
  'a reason': (text) => editTask(bytes(TASK), [{ kind: 'set-blocked-reason', reason: text }], WHERE),
  'a plan': (text) => readPlan(bytes(text), 'stdin'),
  'a plan in TOON': (text) => readPlan(bytes(text), 'plan.toon'),
  'a plan that is a task file': (text) => readPlan(bytes(`${TASK}${text}`), 'plan.toon'),
  'a plan in JSON': (text) => readPlan(bytes(text), 'plan.json'),
  'texts in JSON': (text) =>
    readPlan(bytes(JSON.stringify([{ title: 'T', summary: text, details: text.slice(0, 400_000) }])), 'plan.json'),
  'lists in JSON': (text) =>
    readPlan(bytes(JSON.stringify([{ title: 'T', requires: text, criteria: [text] }])), 'plan.json'),
  'keys in JSON': (text) => readPlan(bytes(JSON.stringify([{ title: 'T', [text]: 1 }])), 'plan.json'),
  'a plan in JSON lines': (text) => readPlan(bytes(text), 'plan.jsonl'),
  settings: (text) => parseSettings(text, 'agentq.toon'),
  'a setting': (text) => parseSettings(`agentq:\n  remote: ${text}`, 'agentq.toon'),
  'a meeting place': (text) =>
    ['', 'etcd://', 'redis://[::', 'redis://a:', 'redis://h?prefix='].map((head) =>
      parseMeeting(head + text.slice(0, 1_900)),
    ),
  'the output of a command': (text) => maskSecrets(text.split('\n')),
  'a ledger': (text) => [readLedger(text), readFailures(` failed ${text}`)],
  heartbeats: (text) => parseBeats(text),
  'a template': (text) => [text, `{{#notes}}${text}`].map((one) => expandPrompt(one, PROMPT_VALUES)),
  'a sign-in': (text) => {
    const signIn = JSON.parse(formatSignIn(signInOf(['a1'], 0)));
    const said = [
      text,
      JSON.stringify({ ...signIn, machine: text, can: [text] }),
      JSON.stringify({ ...signIn, agents: [text] }),
    ];
    return said.map((one) => parseSignIn(Buffer.from(one)));
  },
  'a dependency': (text) => parseDependencyEntries(text, 1, 'auth'),
  'names of others': (text) =>
    [agentProblem, branchProblem, projectProblem, prUrlProblem, remoteProblem, taskIdProblem].map((one) => one(text)),
  'a quotation': (text) => [
    quote(text),
    closest(text, ['claim', 'complete']),
    taskAt(`.agents/auth/tasks/${text}.toon`),
  ],
  'durations and times': (text) => [parseDuration(text), parseHold(text), parseTime(text), parseCursor(text)],
  order: (text) => compareNatural(text, `${text}1`),
  'a commit message': (text) =>
    ['', '[AGENT-CLAIM] a claimed ', '[AGENT-HEARTBEAT] a ', '[ORCHESTRATOR] Released 1 stalled tasks: '].map((head) =>
      activityOf({
        oid: '0',
        timeMs: 0,
        authorName: text,
        subject: head + text,
        trailers: [{ key: text, value: text }],
      }),
    ),
  'a message to write': (text) =>
    formatCommitMessage({ subject: text, body: text, trailers: [{ key: 'Agentq-Task', value: text }] } as never),
  'a request': (text) => parseRequestRef(`refs/agentq/requests/${text}`)?.intents,
  'what a request asks': (text) =>
    parseRequestRef(`refs/agentq/requests/000000000-a-0123456789ab-${'0'.repeat(40)}/${text}`)?.intents,
  'an intent': (text) => parseIntent({ kind: 'claim', request: text, agent: text, project: text }),
  'a push report': (text) => classifyPush({ exitCode: 1, stdout: `!\ta:b\t[remote rejected] ${text}`, stderr: text }),
  'the report of a server': (text) =>
    outcomeOfReport(['unpack ok', ...text.split('\n'), `ng refs/x ${text}`], new Set(['refs/x']), text),
  'what a server sends': (text) => {
    const packets = [text, `${'0'.repeat(40)} refs/x\0${text}`, text].map((each) => packet(each.slice(0, 65_000)));
    const stream = bytes(`${packets.join('')}${text}`);
    return [new AdvertisementReader().take(stream), new ReportReader().take(stream)];
  },
  'a failed fetch': (text) => [classifyRead(text, 'origin'), classifyUpdate(text)],
  "git's configuration": (text) => [
    parseConfigFile(text),
    parseConfigFile(`[a]\nb = ${text}`),
    parseConfigFile(`[remote "${text}"]\nurl = "${text}`),
    remotesIn(byKey(parseConfigListing(`remote.${text}.url\n${text}`))),
  ],
  "a server's words": (text) => [wordsOf(text), plainLines(text)],
  'text for a terminal': (text) => [sanitizeLine(text), sanitizeText(text), sanitizeJson(text)],
};

function bytes(text: string): Buffer {
  return Buffer.from(text, 'utf8');
}

function indented(text: string): string {
  return text.replaceAll('\n', '\n  ');
}
