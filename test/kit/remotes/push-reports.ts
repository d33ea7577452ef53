/** What a server says of each ref after a push (`report-status`), and how to say it in other words. */

/** The reason for a ref in other words: those of a host. */
export type Reword = (ref: string, reason: string) => string;

const REPORT_BAND = 1;
/** Length of a line's length. */
const HEAD = 4;
/** Most bytes of a line with its band. */
const MOST_BYTES = 65_520;

/**
 * Replaces the reasons in the answer to a push (of `git receive-pack`, with side bands). An answer without a report is
 * returned as it is.
 */
export function reworded(answer: Buffer, reword: Reword): Buffer {
  const lines = linesOf(answer);
  const report = Buffer.concat(lines.filter(isReport).map((line) => line.subarray(1)));
  if (report.length === 0) return answer;
  const said = linesOf(report).map((line) => {
    const [, ref = '', reason = ''] = /^ng (\S+) (.*?)\n?$/s.exec(line.toString()) ?? [];
    return ref === '' ? line : Buffer.from(`ng ${ref} ${reword(ref, reason)}\n`);
  });
  const flushed = Buffer.concat([...said.map(framed), Buffer.from('0000')]);
  const others = lines.filter((line) => !isReport(line)).map(framed);
  const bands: Buffer[] = [];
  for (let at = 0; at < flushed.length; at += MOST_BYTES - HEAD - 1) {
    bands.push(framed(Buffer.concat([Buffer.of(REPORT_BAND), flushed.subarray(at, at + MOST_BYTES - HEAD - 1)])));
  }
  return Buffer.concat([...others, ...bands, Buffer.from('0000')]);
}

function isReport(line: Buffer): boolean {
  return line[0] === REPORT_BAND;
}

/** Lines with their length before them (pkt-line); a flush ends nothing here. */
function linesOf(bytes: Buffer): Buffer[] {
  const lines: Buffer[] = [];
  for (let at = 0; at + HEAD <= bytes.length; ) {
    const length = Number.parseInt(bytes.toString('latin1', at, at + HEAD), 16);
    if (length >= HEAD) lines.push(bytes.subarray(at + HEAD, at + length));
    at += Math.max(length, HEAD);
  }
  return lines;
}

function framed(line: Buffer): Buffer {
  return Buffer.concat([Buffer.from((line.length + HEAD).toString(16).padStart(HEAD, '0')), line]);
}
