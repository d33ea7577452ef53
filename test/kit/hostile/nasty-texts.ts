/** Text that nobody writes, except to keep a reader busy. */
export interface NastyText {
  readonly name: string;
  readonly text: string;
}

/** Pieces that readers look at twice. */
export const UNITS: readonly string[] = [
  ...[
    ' ',
    '\t',
    '\r',
    '\u00a0',
    '[',
    ']',
    '{',
    '}',
    '(',
    ')',
    '<',
    '"',
    "'",
    '`',
    '*',
    '\\',
    '/',
    '|',
    '#',
    '=',
    '-',
    '.',
  ],
  ...[',', ':', ';', '0', '1', 'a', 'é', '\u001b', '\u202e', '\ud800'],
  ...[
    'a[1',
    '{a',
    'a: ',
    'a:b',
    '- ',
    '- - ',
    '[ ] ',
    '1) ',
    '(a ',
    '\\"',
    '"\\',
    '": "',
    ', "',
    'a,b;',
    'TASK-1, ',
    '1.',
    '1-',
  ],
  ...[
    'a.',
    'a-',
    'a/',
    'a@',
    '=a',
    '--a',
    ' \u00a0',
    '} ',
    '\u001b]',
    '\u001b[1;',
    '<<<<<<<',
    'cannot lock ref',
    '((\t',
    '[remote ',
  ],
];

/** What stands in front of the run, so that a reader gets to where the run hurts. */
const HEADS: readonly string[] = [
  '',
  'a',
  '"',
  'blocks[1]',
  'required[1]: ',
  'key: "',
  '(a',
  '["',
  '- id: ',
  '1',
  'https://',
];
/** What comes behind it, so that what was hoped for to the very end does not come. */
const TAILS: readonly string[] = ['x', '', '"', 'x: y', ':', '\n'];
const LINE_HEADS: readonly string[] = ['', 'key: ', '- ', 'k'];

/** Each run of something, of about that many characters: on one line, and a line each; then nests of lines. */
export function* nastyTexts(size: number): Generator<NastyText> {
  for (const [index, unit] of UNITS.entries()) {
    const plain = `${run(unit, size)}x`;
    yield named(`a run of ${JSON.stringify(unit)}`, plain);
    const head = HEADS[index % HEADS.length] ?? '';
    const tail = TAILS[index % TAILS.length] ?? '';
    yield named(
      `${JSON.stringify(head)}, a run of ${JSON.stringify(unit)}, ${JSON.stringify(tail)}`,
      head + run(unit, size) + tail,
    );
    const line = `${LINE_HEADS[index % LINE_HEADS.length] ?? ''}${unit}${index % 3 === 0 ? '\r\n' : '\n'}`;
    yield named(`lines ${JSON.stringify(line)}`, run(line, size));
  }
  for (const head of HEADS) yield named(`${JSON.stringify(head)} and blanks`, `${head}${run(' ', size)}x`);
  for (const step of [' ', '  ', '\t']) {
    for (const line of ['k:', 'k[1]:', '- x:', 'task:', 'claim:']) {
      yield named(`a nest of ${JSON.stringify(step + line)}`, nest(step, line, size));
      yield named(
        `${JSON.stringify(step + line)} nested, then empty lines`,
        nest(step, line, size / 2) + run('\n', size / 2),
      );
    }
  }
  yield named(
    'many keys',
    lines((at) => `key${at}: ${at}`, size),
  );
  yield named(
    'many claims',
    lines((at) => `claim:\n  claimed_by: a${at}`, size),
  );
  yield named(
    'deep names',
    lines(() => `${run('a.', 200)}b: 1`, size),
  );
  yield named('empty lines', run('\n', size));
  yield named('empty lines of others', run('\r\n', size));
}

function named(name: string, text: string): NastyText {
  return { name, text };
}

function run(unit: string, size: number): string {
  return unit.repeat(Math.ceil(size / unit.length)).slice(0, size);
}

function nest(step: string, line: string, size: number): string {
  let text = '';
  for (let depth = 0; text.length < size; depth++) text += `${step.repeat(depth)}${line}\n`;
  return text;
}

function lines(line: (at: number) => string, size: number): string {
  const made: string[] = [];
  for (let length = 0; length < size; length += (made.at(-1)?.length ?? 0) + 1) made.push(line(made.length));
  return `${made.join('\n')}\n`;
}
