import { expect, it } from 'vitest';
import { LiveSink } from '../../../src/cli/output/live-sink.ts';

/** As much of a terminal as a footer needs: lines, a cursor that goes up, lines that are cleared. */
class Terminal {
  readonly columns = 80;
  readonly isTerminal: boolean;
  raw = '';
  constructor(isTerminal = true) {
    this.isTerminal = isTerminal;
  }
  write(chunk: string | Uint8Array): void {
    this.raw += String(chunk);
  }
  get screen(): string[] {
    const lines = [''];
    let row = 0;
    for (const [part] of this.raw.matchAll(/\u001b\[1A|\u001b\[2K|\n|[^\u001b\n]+/g)) {
      if (part === '\u001b[1A') row--;
      else if (part === '\u001b[2K') lines[row] = '';
      else if (part === '\n') lines[++row] ??= '';
      else lines[row] = (lines[row] ?? '') + part;
    }
    return lines.slice(0, row);
  }
}

it('keeps its footer below the lines that go by', () => {
  const terminal = new Terminal();
  const sink = new LiveSink(terminal);
  sink.write('first\n');
  sink.footer(['a1 looking', '0 done']);
  sink.write('second\n');
  sink.footer(['a1 T-1', '0 done']);
  sink.aside(() => terminal.write('answer\n'));
  sink.write('third, without an end');
  expect(terminal.screen).toEqual(['first', 'second', 'answer', 'third, without an end', 'a1 T-1', '0 done']);
  sink.footer([]);
  sink.write('last\n');
  expect(terminal.screen).toEqual(['first', 'second', 'answer', 'third, without an end', 'last']);
});

it('shows no more than fits, and the last line always', () => {
  const terminal = new Terminal();
  new LiveSink(terminal).footer([...Array.from({ length: 100 }, (_, n) => `a${n}`), 'total']);
  expect(terminal.screen).toHaveLength(20);
  expect(terminal.screen.at(-1)).toBe('total');
});

it('is the sink itself where there is no terminal', () => {
  const file = new Terminal(false);
  const sink = new LiveSink(file);
  sink.footer(['a1']);
  sink.write('one\n');
  sink.aside(() => file.write('two\n'));
  expect(file.raw).toBe('one\ntwo\n');
});
