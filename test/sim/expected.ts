import type { RuleName } from './checker.ts';

/**
 * What the engine breaks in a schedule as it is now, by the schedule's name. This list is to become empty: a test fails when
 * one of them breaks anything else, and when it breaks nothing any more.
 */
export const EXPECTED: Readonly<Record<string, readonly (RuleName | 'the world ends')[]>> = {
  'answer lost, then an outage, during claim --wait': ['no is not on the branch'],
  'answer lost, then an outage, in a pool that waits': ['pools leave nothing'],
  'answer lost, then an outage until the deadline': ['no is not on the branch'],
  'answer to add lost, then an outage until no retry is left': ['no is not on the branch'],
  'answer to complete lost, then an outage until the deadline': ['no is not on the branch'],
  'a push hangs-lost, with a deadline': ['answered in time'],
  'a push hangs-lost, during claim --wait 60s': ['answered in time'],
  'a completion hangs-lost, and work is told to end twice': ['answered in time'],
  'a push hangs-landed, with a deadline': ['answered in time'],
  'a push hangs-landed, during claim --wait 60s': ['answered in time'],
  'a completion hangs-landed, and work is told to end twice': ['answered in time'],
  'a remote that falls silent while work completes, and work is told to end twice': ['answered in time'],
  'publishing: too-large': ['answered in time'],
  'publishing: unknown-words': ['answered in time'],
  'refs can be made, deleting is unknown-words': ['doubt names the request', 'work goes on'],
  'refs can be made, deleting is unknown-words, and nothing is atomic': [
    'doubt has a reason',
    'doubt names the request',
    'work goes on',
  ],
  'every publication: hangs-landed': ['answered in time'],
  'the first push to the branch: hangs-landed': ['answered in time'],
  'rate limit while a request is waiting': ['doubt names the request'],
  'leaders run out of time around the last call': ['nobody pays for others'],
  'leader is suspended between last call and announcement, build 1': ['no is not on the branch'],
  'a stranger who says nothing holds the meeting places': ['answered in time', 'nobody sleeps'],
  'a machine that is an hour slow renews its claims': ['living claims stay'],
};
