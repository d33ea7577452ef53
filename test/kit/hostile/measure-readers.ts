import { Session } from 'node:inspector';
import { Failure } from '../../../src/domain/base/failure.ts';
import { type NastyText, nastyTexts } from './nasty-texts.ts';
import { READERS } from './readers.ts';

/**
 * A process of its own, for what hangs in a reader ends no other way. It says what it begins with, one line of JSON
 * each, so that whoever kills it knows where it hung.
 *
 * Arguments: of how many texts one is measured, how long the long texts are, of how many of them one is read, and the
 * names of readers. For each reader it counts what V8 says was executed, block by block, for each text in two sizes;
 * that is the same on every machine. Then it reads the long ones.
 */

const SMALL = 750;
const LARGE = 8 * SMALL;
/** Eight times the text is eight times the work, and a little for what grows by steps. */
const MOST_TIMES = 13;
/** Below this many steps something else than the text was what took them. */
const FEW = 20_000;

const session = new Session();
session.connect();

const [measured = '', size = '', share = '', ...names] = process.argv.slice(2);
/** Which texts are read, where it is not every one, depends on the reader: together they read all. */
let turn = 0;
for (const name of names) {
  const read = READERS[name];
  if (read === undefined) throw new Error(`no reader ${name}`);
  turn = Object.keys(READERS).indexOf(name);
  compare(name, read, Number(measured));
  readLong(name, read, Number(size), Number(share));
}

function readLong(name: string, read: (text: string) => unknown, size: number, share: number): void {
  for (const text of shareOf(nastyTexts(size), share)) attempt(name, read, text);
}

function* shareOf(texts: Iterable<NastyText>, share: number): Generator<NastyText> {
  let at = turn;
  for (const text of texts) if (at++ % share === 0) yield text;
}

function compare(name: string, read: (text: string) => unknown, share: number): void {
  const small = [...shareOf(nastyTexts(SMALL), share)];
  const large = [...shareOf(nastyTexts(LARGE), share)];
  post('Profiler.enable');
  post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  for (const [index, text] of small.entries()) {
    const other = large[index];
    if (other === undefined) continue;
    // What is done once in a process is done before anything is counted, and code is as warm as it will be: what V8
    // optimizes counts less.
    attempt(name, read, text);
    post('Profiler.takePreciseCoverage');
    const [few, many] = [stepsOf(() => attempt(name, read, text)), stepsOf(() => attempt(name, read, other))];
    if (many > FEW && many > MOST_TIMES * few) say({ reader: name, text: text.name, steps: [few, many] });
  }
  post('Profiler.stopPreciseCoverage');
  post('Profiler.disable');
}

function attempt(name: string, read: (text: string) => unknown, { name: label, text }: NastyText): void {
  say({ reader: name, text: label });
  try {
    read(text);
  } catch (error) {
    if (!(error instanceof Failure)) say({ reader: name, text: label, error: String(error) });
  }
}

/** What was counted before is not counted again: taking the counts, which costs more than most texts, clears them. */
function stepsOf(action: () => void): number {
  action();
  let steps = 0;
  session.post('Profiler.takePreciseCoverage', (error, { result }) => {
    if (error) throw error;
    for (const { functions } of result) {
      for (const { ranges } of functions) for (const { count } of ranges) steps += count;
    }
  });
  return steps;
}

function post(method: string, params: object = {}): void {
  session.post(method, params, (error) => {
    if (error) throw error;
  });
}

function say(what: object): void {
  process.stdout.write(`${JSON.stringify(what)}\n`);
}
