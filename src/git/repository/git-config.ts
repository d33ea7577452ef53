/** One line of git's configuration. */
export interface Setting {
  /**
   * `section.variable` or `section.Subsection.variable`: section and variable in lower case, the subsection unchanged.
   */
  readonly key: string;
  /** `true` if there is only the variable, which means true. */
  readonly value: string;
}

/** All values of each setting, by key, in the order of the file: usually the last one counts. */
export type Settings = ReadonlyMap<string, readonly string[]>;

/** Parses the output of `git config --list -z`: `key LF value NUL`, repeated. */
export function parseConfigListing(listing: string): Setting[] {
  const records = listing.split('\0').filter((record) => record !== '');
  return records.map((record) => {
    const end = record.indexOf('\n');
    return end < 0 ? { key: record, value: 'true' } : { key: record.slice(0, end), value: record.slice(end + 1) };
  });
}

const BLANKS = /[ \t\r\n]+/y;
const COMMENT = /[#;][^\n]*/y;
const END_OF_LINE = /\n|$/y;
/** `[section]`, `[section "Subsection"]` or, in the old form, `[section.subsection]`. */
const HEADER = /\[([A-Za-z\d.-]+)(?:[ \t\r]+"([^"\\\n]*(?:\\[^\n][^"\\\n]*)*)")?\]/y;
const VARIABLE = /([A-Za-z][A-Za-z\d-]*)[ \t]*(=|\n|$)/y;
/** A piece of a value. A backslash at the end of a line joins the next line. */
const PIECE = /(?<text>[^ \t\r\n"\\#;]+|\\[ntb"\\\n])|(?<blanks>[ \t\r]+)|"|[#;][^\n]*/y;
/** The same between quotes, where a line must not end. */
const QUOTED_PIECE = /(?<text>[^"\\\n]+|\\[ntb"\\\n])|"/y;
const ESCAPED: ReadonlyMap<string, string> = new Map([
  ['\\n', '\n'],
  ['\\t', '\t'],
  ['\\b', '\b'],
  ['\\\n', ''],
  ['\\"', '"'],
  ['\\\\', '\\'],
]);

/**
 * Parses a configuration file as git does.
 * @returns undefined if the file alone does not determine the settings: it includes others, is not UTF-8, or git would
 * reject it
 */
export function parseConfigFile(text: string): Setting[] | undefined {
  // Invalid UTF-8 has become U+FFFD, so that two different values may look the same.
  if (/[\0\uFFFD]/.test(text)) return undefined;
  const file = new Scanner(text.replace(/^\uFEFF/, '').replaceAll('\r\n', '\n'));
  const settings: Setting[] = [];
  let section: string | undefined;
  for (;;) {
    while (file.take(BLANKS) ?? file.take(COMMENT));
    if (file.isAtEnd) return settings;
    const header = file.take(HEADER);
    if (header !== undefined) {
      section = sectionOf(header);
      if (/^include(?:if)?(?:\.|$)/.test(section)) return undefined;
      continue;
    }
    const [, variable, next] = file.take(VARIABLE) ?? [];
    const value = next === '=' ? readValue(file) : 'true';
    if (section === undefined || variable === undefined || value === undefined) return undefined;
    settings.push({ key: `${section}.${variable.toLowerCase()}`, value });
  }
}

/** All values of each key. */
export function byKey(settings: readonly Setting[]): Settings {
  const values = new Map<string, string[]>();
  for (const { key, value } of settings) {
    const known = values.get(key);
    if (known === undefined) values.set(key, [value]);
    else known.push(value);
  }
  return values;
}

function sectionOf([, name = '', subsection]: RegExpExecArray): string {
  const section = name.toLowerCase();
  return subsection === undefined ? section : `${section}.${subsection.replace(/\\(.)/gs, '$1')}`;
}

/** The value after `=`, up to the end of the line or of the file; undefined if git would reject it. */
function readValue(file: Scanner): string | undefined {
  let value = '';
  // Blanks at the end belong to the value only if they are quoted.
  let end = 0;
  let isQuoted = false;
  for (let piece = file.take(PIECE); piece !== undefined; piece = file.take(isQuoted ? QUOTED_PIECE : PIECE)) {
    const isQuote = piece[0] === '"';
    const { text = isQuote ? '' : undefined, blanks } = piece.groups ?? {};
    if (isQuote) isQuoted = !isQuoted;
    if (blanks !== undefined && value !== '') value += blanks;
    if (text === undefined) continue;
    value += ESCAPED.get(text) ?? text;
    end = value.length;
  }
  return isQuoted || file.take(END_OF_LINE) === undefined ? undefined : value.slice(0, end);
}

/** Reads a text from its beginning to its end, one piece at a time. */
class Scanner {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#text.length;
  }

  /** The match of a sticky pattern at the current position, which then moves behind it; undefined if there is none. */
  take(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text);
    if (found === null) return undefined;
    this.#at = pattern.lastIndex;
    return found;
  }
}
