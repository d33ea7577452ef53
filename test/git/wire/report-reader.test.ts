import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FLUSH, packet } from '../../../src/git/wire/packets.ts';
import { ReportReader } from '../../../src/git/wire/report-reader.ts';

const report = (...lines: readonly string[]): string => `${lines.map(packet).join('')}${FLUSH}`;
const band = (number: number, text: string): string => packet(`${String.fromCharCode(number)}${text}`);

function read(stream: string, cut = 1_000) {
  const reader = new ReportReader();
  const bytes = Buffer.from(stream);
  let taken: string = 'more';
  for (let at = 0; at < bytes.length && taken === 'more'; at += cut) taken = reader.take(bytes.subarray(at, at + cut));
  return { taken, report: reader.report(), words: reader.words() };
}

const LANDED = report('unpack ok\n', 'ok refs/heads/develop\n');

describe('the answer to a push', () => {
  it('is a report, and beside it what hooks print, each line marked', () => {
    const stream = `${band(2, 'one\r\ntw')}${band(1, LANDED)}${band(2, 'o\n\nlast')}${FLUSH}`;
    const answer = {
      taken: 'whole',
      report: ['unpack ok', 'ok refs/heads/develop'],
      words: 'remote: one\nremote: two\nremote: last\n',
    };
    for (const cut of [1, 7, 1_000]) expect(read(stream, cut)).toEqual(answer);
  });

  it('is the same wherever the report is cut into packets', () => {
    const cuts = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(cuts, (lengths) => {
        let stream = '';
        for (let at = 0, n = 0; at < LANDED.length; n++) {
          const end = at + (lengths[n % lengths.length] ?? 1);
          stream += band(1, LANDED.slice(at, end));
          at = end;
        }
        expect(read(stream + FLUSH).report).toEqual(['unpack ok', 'ok refs/heads/develop']);
      }),
      { numRuns: 30 },
    );
  });

  it.each<[string, string, string]>([
    ['half of it', band(1, LANDED.slice(0, -2)) + FLUSH, 'whole'],
    ['nothing', FLUSH, 'whole'],
    ['no end', band(1, LANDED.slice(0, 9)), 'more'],
    ['an end of the server', band(1, LANDED) + band(3, 'I give up') + FLUSH, 'whole'],
    ['what is no packet', 'fatal: no', 'full'],
    ['no packet in a packet', band(1, 'unpack ok\n'), 'full'],
    ['another band', band(4, LANDED), 'full'],
    ['no band', packet('') + FLUSH, 'full'],
  ])('is no report: %s', (_, stream, taken) => {
    expect(read(stream)).toMatchObject({ taken, report: undefined });
  });

  it('names what made the server end', () => {
    expect(read(band(2, 'almost') + band(3, 'I give up') + FLUSH).words).toBe(
      'remote: almost\nremote: fatal: I give up\n',
    );
  });

  it('is held in bounded memory, whatever is printed and reported', () => {
    const reader = new ReportReader();
    const flood = Buffer.from(band(2, 'x'.repeat(60_000)));
    for (let n = 0; n < 100; n++) expect(reader.take(flood)).toBe('more');
    expect(reader.words().length).toBeLessThan(700_000);
    const lines = Buffer.from(band(1, packet(`ng refs/heads/x ${'y'.repeat(50_000)}`)));
    let taken = reader.take(lines);
    for (let n = 0; n < 300 && taken === 'more'; n++) taken = reader.take(lines);
    expect(taken).toBe('full');
  });
});
