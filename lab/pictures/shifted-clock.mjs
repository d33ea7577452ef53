// Loaded before agentq (`node --import`): its clock goes wrong by SAMPLE_SHIFT_MS. So the real binary makes
// a day of history within a minute.
const shiftMs = Number(process.env.SAMPLE_SHIFT_MS ?? 0);
const RealDate = Date;

globalThis.Date = class extends RealDate {
  constructor(...args) {
    if (args.length === 0) super(RealDate.now() + shiftMs);
    else super(...args);
  }

  static now() {
    return RealDate.now() + shiftMs;
  }
};
