/**
 * Names of the steps of the engine at which a process may be killed. Between two steps, something changes that others
 * see: a message, a ref, a commit, a file of the checkout. `test/e2e/crash-points` kills a process at each step, in
 * each role.
 */
export const CRASH_POINTS = [
  // One try at changing the branch.
  'looked',
  'joined',
  'read',
  'built',
  'announced',
  'pushing',
  'pushed',
  'settled',
  // Asking other machines, and answering them.
  'publishing',
  'published',
  'waiting',
  'leading',
  'adopted',
  'withdrawing',
  'withdrawn',
  // Following a process of this machine, and leading others.
  'elected',
  'accepted',
  'submitted',
  'taken',
  'answering',
  'answered',
  'told',
  // The user's checkout.
  'following',
  'followed',
  // After an interrupt.
  'giving-back',
  // Heartbeats as refs.
  'beating',
  'beaten',
  // Waiting for the branch to move.
  'watching',
  'listening',
  'seen',
  // A worker's command.
  'working',
  'worked',
] as const;

export type CrashPoint = (typeof CRASH_POINTS)[number];

/** Called with each step the moment it is reached. Absent outside of tests. */
export type AtStep = (step: CrashPoint) => void;
