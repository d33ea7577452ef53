// Loaded before agentq (`node --import`): its clock begins at SAMPLE_TIME (ms since the epoch). So the real binary makes
// a day of history within a minute. Where SAMPLE_CLOCK names a file, and somebody writes a time into it, the clock goes on
// from there: a process that runs for hours ends within a second.
import { readFileSync } from 'node:fs';

const RealDate = Date;
const shiftMs = Number(process.env.SAMPLE_TIME ?? RealDate.now()) - RealDate.now();
let jumpMs = 0;

globalThis.Date = class extends RealDate {
  constructor(...args) {
    if (args.length === 0) super(now());
    else super(...args);
  }

  static now() {
    return now();
  }
};

function now() {
  const time = RealDate.now() + shiftMs;
  if (jumpMs === 0) jumpMs = Math.max(0, writtenTime() - time);
  return time + jumpMs;
}

function writtenTime() {
  try {
    return Number(readFileSync(process.env.SAMPLE_CLOCK ?? '', 'utf8'));
  } catch {
    return 0;
  }
}
