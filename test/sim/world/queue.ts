import type { VirtualTime } from '../../../lab/model/virtual-time.ts';
import type { Intent } from '../../../src/domain/intents/intent.ts';
import { CriticalSection } from '../../../src/engine/base/critical-section.ts';
import type { Pending } from '../../../src/engine/base/engine.ts';
import { RejectionRate, UNKNOWN_RATE } from '../../../src/engine/base/rejection-rate.ts';
import { Combiner } from '../../../src/engine/combining/combiner.ts';
import type { CarryOut } from '../../../src/engine/combining/leader.ts';
import { seeThrough } from '../../../src/engine/combining/seeing-through.ts';
import { AtServer } from '../../../src/engine/machines/at-server.ts';
import { Carrier } from '../../../src/engine/open/carrier.ts';
import { submitIntent } from '../../../src/engine/open/submit.ts';
import type { SubmitOptions } from '../../../src/engine/queue/queue.ts';
import { renewAll } from '../../../src/engine/queue/renewal.ts';
import type { Submitted } from '../../../src/engine/queue/submitted.ts';
import type { RemoteAbilities } from '../../../src/engine/transaction/abilities.ts';
import { TipWatch } from '../../../src/engine/waiting/waiting.ts';
import type { WorkQueue } from '../../../src/engine/work/work-queue.ts';
import type { Meet } from '../../../src/machine/meeting.ts';
import type { Step } from '../spec.ts';
import type { SightingsOfClone } from './evidence.ts';
import type { SimMeetServer } from './meet-server.ts';
import type { MeetingPlaces } from './meeting.ts';
import type { SimProcess } from './process.ts';
import type { SimServer } from './server.ts';
import { SimStore } from './store.ts';
import { MEETING_KEYS } from './stranger.ts';

/** What the clone of a machine remembers of its remote, and where its processes meet. */
export interface MachineState {
  readonly places: MeetingPlaces;
  readonly abilities: RemoteAbilities;
  readonly sightings: SightingsOfClone;
}

/** Remembers for as long as the world lasts. */
export function abilitiesOfClone(): MachineState['abilities'] {
  let [publishing, atomic, answers] = [true, true, true];
  let deleting: 'possible' | 'refused' | 'unknown' = 'unknown';
  return {
    canPublish: async () => publishing,
    canPushAtomically: async () => atomic,
    canLeaveAnswers: async () => answers,
    rememberNoAnswers: async () => {
      answers = false;
    },
    rememberNoPublishing: async () => {
      publishing = false;
    },
    rememberNoAtomic: async () => {
      atomic = false;
    },
    deleting: async () => deleting,
    rememberDeleting: async (how) => {
      deleting = how;
    },
  };
}

export interface SimQueueOptions {
  readonly process: SimProcess;
  readonly machine: MachineState;
  readonly server: SimServer;
  readonly meet: SimMeetServer | undefined;
  readonly time: VirtualTime;
  readonly latencyMs: number;
  readonly signal: AbortSignal;
  readonly timeoutMs: number | undefined;
  readonly maxRetries: number;
  readonly version: string;
  onStep(step: Step): void;
  /** A leader on another machine has said that it is about to push for this one. */
  onAnnounced(): void;
}

export interface SimQueue extends WorkQueue {
  forgetHeartbeats(): Promise<void>;
  close(interrupt: AbortSignal): Promise<void>;
}

/** The queue as a process of the simulation has it: the wiring of `open-queue.ts` on a git and a machine in memory. */
export function openSimQueue(options: SimQueueOptions): SimQueue {
  const { process, machine, signal, timeoutMs, maxRetries } = options;
  const { clock, random } = process;
  const openedAt = clock.now();
  const critical = new CriticalSection(signal, clock);
  const at = options.meet?.for(process);
  let names = 0;
  const atServer =
    at &&
    new AtServer({
      at,
      keyOf: () => `queue ${options.version}`,
      remoteKey: 'remote',
      pushLimit: options.meet?.spec.pushLimit ?? 20,
      clock,
      // Its names there are no requests.
      random: { next: () => random.next(), id: () => `${process.name}-comes-${++names}` },
      onEvent: () => undefined,
    });
  const line = atServer?.pushLine;
  const parts = { ...options, random, cut: critical.signal, sightings: machine.sightings };
  const store = new SimStore({ ...parts, line });
  const beatStore = new SimStore({ ...parts, line: undefined });
  const carrier = new Carrier(
    {
      store,
      beatStore,
      abilities: machine.abilities,
      rejections: new RejectionRate(UNKNOWN_RATE, async () => undefined),
      others: 'helped',
    },
    {
      clock,
      random,
      signal,
      critical,
      backoff: { schedule: 'full-jitter', baseMs: 250 },
      host: 'free',
      maxRetries,
      onEvent: () => undefined,
    },
  );
  const meeting = machine.places.for(process);
  const meetFor =
    (key: string): Meet =>
    (onPeer) =>
      meeting.meet(`${key} ${options.version}`, onPeer);
  const carryOut: CarryOut = (intake, own, cut) => carrier.carryOut(intake, own, cut, 'anything');
  const lookUp = (pending: Pending) => carrier.lookUp(pending);
  const together = atServer?.on('develop').together('anything', {
    carryOut,
    lookUp,
    critical,
    at: (step) => {
      if (step === 'taken') options.onAnnounced();
    },
  });
  const combiner = new Combiner({
    meet: meetFor(MEETING_KEYS.combining),
    carryOut: together === undefined ? carryOut : (intake, own, cut) => together.carryOut(intake, own, cut),
    lookUp,
    clock,
    signal,
    critical,
    onEvent: () => undefined,
  });
  const carryOutAlone = (intent: Intent) => carrier.carryOutAlone(intent);
  const submitter = { combiner, carryOutAlone, clock, random, signal, critical };
  const tips = new TipWatch({
    meet: meetFor(MEETING_KEYS.tips),
    source: { look: async () => (await store.look()).tip, watch: async () => undefined },
    clock,
    random,
    signal,
    onTrouble: () => undefined,
  });
  const submit = async (intent: Intent, how: SubmitOptions = {}): Promise<Submitted> => {
    const { signal: own, until, base } = how;
    const both = own === undefined ? submitter : { ...submitter, signal: AbortSignal.any([signal, own]) };
    return submitIntent(both, { intent, base }, { timeoutMs, until });
  };
  return {
    tips,
    submit,
    renew: (intents, how) =>
      renewAll(intents, {
        submit: (intent) => submit(intent, how),
        beat: (beats) => carrier.beat(beats, how?.signal),
      }),
    forgetHeartbeats: () => carrier.forgetHeartbeats(),
    read: async () => carrier,
    async close(interrupt) {
      await tips.close();
      const leftMs = timeoutMs === undefined ? undefined : Math.max(0, openedAt + timeoutMs - clock.now());
      await seeThrough([combiner], { clock, interrupt, leftMs });
      await atServer?.close();
      critical.close();
    },
  };
}
