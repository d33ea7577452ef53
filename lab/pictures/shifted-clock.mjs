// Loaded before agentq (`node --import`): its clock begins at SAMPLE_TIME (ms since the epoch). So the real binary makes
// a day of history within a minute.
const RealDate = Date;
const shiftMs = Number(process.env.SAMPLE_TIME ?? RealDate.now()) - RealDate.now();

globalThis.Date = class extends RealDate {
  constructor(...args) {
    if (args.length === 0) super(RealDate.now() + shiftMs);
    else super(...args);
  }

  static now() {
    return RealDate.now() + shiftMs;
  }
};
