import { LEASE_SCHEDULES } from './lease-schedules.ts';
import { at, claim, on, script, world } from './scenes.ts';
import type { ProcessSpec, ScriptedFault, ServerSpec, WorldSpec } from './spec.ts';
import { TAKEOVERS } from './takeovers.ts';

/** A world in which something certain goes wrong at a certain moment. */
export interface Schedule {
  readonly name: string;
  readonly spec: WorldSpec;
}

/** Two machines that race: the one that loses publishes its request. */
const RACE: readonly ProcessSpec[] = [
  at(0, 'p1', claim('a1', { timeoutMs: 60_000 })),
  on(1, at(1, 'p2', claim('a2', { timeoutMs: 60_000 }))),
  on(2, at(2, 'p3', claim('a3', { timeoutMs: 60_000 }))),
];

/** The same without limits of their own. */
const ENDLESS_RACE: readonly ProcessSpec[] = RACE.map((one, index) => ({ ...one, command: claim(`a${index + 1}`) }));

const lostThenAway = (what: ScriptedFault['what'] = 'branch', process = 'p1'): ServerSpec =>
  script({ process, what, number: 1, fault: 'answer-lost', thenAwayMs: 90_000 });

export const SCHEDULES: readonly Schedule[] = [
  ...TAKEOVERS,
  { name: 'nothing goes wrong', spec: world([...RACE, at(500, 'p4', claim('a4'))]) },
  {
    name: 'answer lost, then an outage, during claim --wait',
    spec: world(
      [
        at(0, 'p1', claim('a1', { waitMs: 300_000 })),
        on(1, at(2_000, 'q1', { kind: 'add' })),
        on(1, at(2_100, 'q2', { kind: 'add' })),
      ],
      lostThenAway(),
      { tasks: 0 },
    ),
  },
  {
    name: 'answer lost, then an outage, in a pool that waits',
    spec: world([at(0, 'p1', { kind: 'work', agents: 1, runsMs: 100, idle: 200_000 })], lostThenAway()),
  },
  {
    name: 'answer lost, then an outage until the deadline',
    spec: world([at(0, 'p1', claim('a1', { timeoutMs: 5_000 }))], lostThenAway()),
  },
  {
    name: 'answer lost, then an outage until no retry is left',
    spec: world([at(0, 'p1', claim('a1', { maxRetries: 2 })), on(1, at(0, 'p2', { kind: 'add', maxRetries: 2 }))], {
      scripted: [{ process: 'p1', what: 'branch', number: 1, fault: 'answer-lost', thenAwayMs: 90_000 }],
    }),
  },
  {
    name: 'answer to add lost, then an outage until no retry is left',
    spec: world([at(0, 'p1', { kind: 'add', maxRetries: 2 })], lostThenAway()),
  },
  {
    name: 'answer to complete lost, then an outage until the deadline',
    spec: world(
      [at(0, 'p0', claim('a1')), at(10, 'p1', { kind: 'complete', claim: 'p0', timeoutMs: 4_000 }, { after: 'p0' })],
      lostThenAway(),
    ),
  },
  ...(['hangs-lost', 'hangs-landed'] as const).flatMap((fault): Schedule[] => [
    {
      name: `a push ${fault}, with a deadline`,
      spec: world(
        [at(0, 'p1', claim('a1', { timeoutMs: 3_000 }))],
        script({ process: 'p1', what: 'any', number: 1, fault }),
      ),
    },
    {
      name: `a push ${fault}, during claim --wait 60s`,
      spec: world(
        [at(0, 'p1', claim('a1', { waitMs: 60_000 }))],
        script({ process: 'p1', what: 'any', number: 1, fault }),
      ),
    },
    {
      name: `a completion ${fault}, and work is told to end twice`,
      spec: world(
        [
          at(
            0,
            'p1',
            { kind: 'work', agents: 1, runsMs: 500, idle: 'leave' },
            {
              events: [
                { at: { ms: 5_000 }, do: 'interrupt' },
                { at: { ms: 8_000 }, do: 'interrupt-again' },
              ],
            },
          ),
        ],
        script({ process: 'p1', what: 'any', number: 2, fault }),
      ),
    },
  ]),
  {
    name: 'a remote that accepts and never answers, with a deadline',
    spec: world([at(0, 'p1', claim('a1', { timeoutMs: 3_000 }))], { silent: [{ from: 0, to: 600_000 }] }),
  },
  {
    name: 'a remote that falls silent while work completes, and work is told to end twice',
    spec: world(
      [
        at(
          0,
          'p1',
          { kind: 'work', agents: 3, runsMs: 2_000, idle: 'leave' },
          {
            events: [
              { at: { ms: 6_000 }, do: 'interrupt' },
              { at: { ms: 9_000 }, do: 'interrupt-again' },
            ],
          },
        ),
      ],
      { silent: [{ from: 1_500, to: 600_000 }] },
    ),
  },
  ...(['too-large', 'unknown-words', 'refused', 'hidden', 'short-names'] as const).map(
    (making): Schedule => ({ name: `publishing: ${making}`, spec: world(ENDLESS_RACE, { making }) }),
  ),
  ...(['refused', 'unknown-words'] as const).flatMap((deleting): Schedule[] => [
    { name: `refs can be made, deleting is ${deleting}`, spec: world(ENDLESS_RACE, { deleting }) },
    {
      name: `refs can be made, deleting is ${deleting}, and nothing is atomic`,
      spec: world(ENDLESS_RACE, { deleting, atomic: false }),
    },
  ]),
  { name: 'nothing is atomic', spec: world(ENDLESS_RACE, { atomic: false }) },
  ...(['unknown-words', 'answer-lost', 'late', 'doubled', 'half-others', 'hangs-landed'] as const).flatMap(
    (fault): Schedule[] => [
      { name: `every publication: ${fault}`, spec: world(RACE, script({ what: 'request', fault })) },
      {
        name: `the first push to the branch: ${fault}`,
        spec: world(RACE, script({ what: 'branch', number: 1, fault })),
      },
      { name: `every deletion: ${fault}`, spec: world(RACE, script({ what: 'delete', fault })) },
    ],
  ),
  {
    name: 'rate limit while a request is waiting',
    spec: world(ENDLESS_RACE, { limited: [{ from: 45, to: 40_000 }] }),
  },
  {
    name: 'leaders run out of time around the last call',
    // Each machine has a leader with another limit, so that one of them hits the moment whatever a step costs.
    spec: world(
      Array.from({ length: 12 }, (_, machine) => [
        on(machine, at(0, `p${machine}`, claim(`a${machine}`, { timeoutMs: 110 + 8 * machine }))),
        ...[1, 2, 3].map((n) => on(machine, at(95 + 20 * n, `p${machine}-${n}`, claim(`a${machine}-${n}`)))),
      ]).flat(),
      { making: 'refused' },
      { tasks: 60, latencyMs: 100 },
    ),
  },
  ...([1, 2] as const).map(
    (number): Schedule => ({
      name: `leader is suspended between last call and announcement, build ${number}`,
      spec: world(
        [
          at(0, 'p1', claim('a1'), { events: [{ at: { step: 'build', number }, do: 'suspend', forMs: 60_000 }] }),
          at(3, 'p2', claim('a2', { timeoutMs: 5_000 })),
          at(4, 'p3', claim('a3')),
        ],
        {},
        { tasks: 8 },
      ),
    }),
  ),
  {
    name: 'leader is interrupted while it pushes for others',
    spec: world(
      [
        at(0, 'p1', claim('a1'), { events: [{ at: { step: 'push', number: 1 }, do: 'interrupt' }] }),
        ...[2, 3, 4].map((n) => at(n, `p${n}`, claim(`a${n}`))),
      ],
      {},
      { tasks: 8 },
    ),
  },
  ...(['read', 'build', 'push', 'pushed'] as const).map(
    (step): Schedule => ({
      name: `leader is killed at its first ${step}`,
      spec: world(
        [
          at(0, 'p1', claim('a1'), { events: [{ at: { step, number: 1 }, do: 'kill' }] }),
          ...[2, 3, 4].map((n) => at(n, `p${n}`, claim(`a${n}`))),
        ],
        {},
        { tasks: 8 },
      ),
    }),
  ),
  // The second comes when the push of the first is on its way: it is served in a batch of its own, by a process whose caller
  // has its answer. The third is answered by whoever comes then.
  ...([undefined, 'hangs-landed', 'hangs-lost'] as const).flatMap((fault): Schedule[] => {
    const then = fault === undefined ? 'lands' : fault;
    const server = fault === undefined ? {} : script({ process: 'p1', what: 'branch', number: 2, fault });
    const beside = [at(450, 'p2', claim('a2')), on(1, at(3_000, 'p3', claim('a3')))];
    const more = { tasks: 8, latencyMs: 200 };
    return [
      {
        name: `leader has its answer, and pushes for another: it ${then}`,
        spec: world([at(0, 'p1', claim('a1')), ...beside], server, more),
      },
      {
        name: `leader has its answer, and pushes for another within its deadline: it ${then}`,
        spec: world([at(0, 'p1', claim('a1', { timeoutMs: 5_000 })), ...beside], server, more),
      },
      {
        name: `leader has its answer, and is interrupted while it pushes for another: it ${then}`,
        spec: world(
          [at(0, 'p1', claim('a1'), { events: [{ at: { step: 'push', number: 2 }, do: 'interrupt' }] }), ...beside],
          server,
          more,
        ),
      },
    ];
  }),
  {
    name: 'who looks for all is suspended',
    spec: world(
      [
        at(0, 'w1', { kind: 'watch' }, { events: [{ at: { ms: 5_000 }, do: 'suspend', forMs: 400_000 }] }),
        ...[2, 3, 4].map((n) => at(1_000 + n, `p${n}`, claim(`a${n}`, { waitMs: 200_000 }))),
        on(1, at(20_000, 'q1', { kind: 'add' })),
        on(1, at(21_000, 'q2', { kind: 'add' })),
        on(1, at(22_000, 'q3', { kind: 'add' })),
      ],
      {},
      { tasks: 0 },
    ),
  },
  {
    name: 'who looks for all is suspended until after the last deadline',
    spec: world(
      [
        at(0, 'w1', { kind: 'watch' }, { events: [{ at: { ms: 5_000 }, do: 'suspend', forMs: 400_000 }] }),
        at(1_000, 'p2', claim('a2', { waitMs: 25_000 })),
        on(1, at(8_000, 'q1', { kind: 'add' })),
      ],
      {},
      { tasks: 0 },
    ),
  },
  ...(['nonsense', 'nothing'] as const).map(
    (says): Schedule => ({
      name: `a stranger who says ${says} holds the meeting places`,
      spec: world(
        [
          at(0, 's1', { kind: 'stranger', says }),
          at(100, 'p1', claim('a1')),
          at(200, 'p2', claim('a2', { waitMs: 60_000 })),
          at(300, 'p3', { kind: 'work', agents: 2, runsMs: 100, idle: 'leave' }),
        ],
        {},
        { tasks: 5 },
      ),
    }),
  ),
  {
    name: 'two versions side by side',
    spec: world([1, 2, 3, 4].map((n) => at(n, `p${n}`, claim(`a${n}`), n % 2 === 0 ? { version: 'other' } : {}))),
  },
  {
    name: 'the disk is full for three seconds while work completes',
    spec: {
      ...world([at(0, 'p1', { kind: 'work', agents: 2, runsMs: 2_000, idle: 'leave' })]),
      machines: [{ diskFull: [{ from: 1_500, to: 4_500 }] }],
    },
  },
  {
    name: 'a machine that is an hour slow renews its claims',
    spec: {
      ...world(
        [
          // Without any commit by a clock that is right, nobody could tell whose clock is wrong.
          on(1, at(0, 'q1', { kind: 'add' })),
          at(1_000, 'p1', { kind: 'work', agents: 2, runsMs: 900_000, idle: 'leave' }),
          on(1, at(400_000, 'r1', { kind: 'release-stalled' })),
          on(1, at(800_000, 'r2', { kind: 'release-stalled' })),
        ],
        {},
        { tasks: 1, stalledAfterMs: 600_000 },
      ),
      machines: [{ offsetMs: -3_600_000 }, {}],
    },
  },
  ...(['too-large', 'unknown-words', 'refused', 'hidden'] as const).map(
    (making): Schedule => ({
      name: `a worker renews by refs, making them is ${making}`,
      spec: world(
        [at(0, 'p1', { kind: 'work', agents: 2, runsMs: 150_000, idle: 'leave' })],
        { making },
        {
          tasks: 2,
          stalledAfterMs: 60_000,
          heartbeat: 'ref',
        },
      ),
    }),
  ),
  ...LEASE_SCHEDULES,
];
