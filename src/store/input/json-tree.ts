/** A JSON value with the line where it begins. */
export interface JsonNode {
  readonly value: unknown;
  /** 1-based. */
  readonly line: number;
  /** Members of an object by key, elements of an array by index. */
  readonly children: ReadonlyMap<string, JsonNode>;
}

/** Says that a text is not JSON, and in which line. */
export class JsonSyntaxError extends Error {
  readonly line: number;

  constructor(message: string, line: number) {
    super(message);
    this.line = line;
  }
}

/** Deepest nesting that is followed. */
const DEEPEST = 100;

const QUOTE = 34;
const BACKSLASH = 92;
const SPACE = 32;
const NO_CHILDREN: ReadonlyMap<string, JsonNode> = new Map();
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const WORD = /true|false|null/y;
const BLANKS = /[ \t\r\n]*/y;

/**
 * Parses JSON like `JSON.parse`, and keeps the lines: that function tells neither where a value is nor, reliably, where
 * the text goes wrong. A key that occurs twice in one object is an error here, since one of the two would be lost.
 * @throws JsonSyntaxError
 */
export function parseJsonTree(text: string): JsonNode {
  return new JsonParser(text).document();
}

class JsonParser {
  readonly #text: string;
  #at = 0;
  #line = 1;
  /** Line ends have been counted up to here. */
  #counted = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(): JsonNode {
    this.#skip(BLANKS);
    const node = this.#value(0);
    this.#skip(BLANKS);
    if (this.#at < this.#text.length) throw this.#unexpected('the end');
    return node;
  }

  #value(depth: number): JsonNode {
    const line = this.#lineHere();
    if (depth > DEEPEST) throw new JsonSyntaxError(`nested more than ${DEEPEST} levels deep`, line);
    switch (this.#text[this.#at]) {
      case '{':
        return this.#object(line, depth);
      case '[':
        return this.#array(line, depth);
      case '"':
        return leaf(this.#string(), line);
      default: {
        const token = this.#skip(WORD) || this.#skip(NUMBER);
        if (token === '') throw this.#unexpected('a value');
        return leaf(JSON.parse(token), line);
      }
    }
  }

  #object(line: number, depth: number): JsonNode {
    const children = new Map<string, JsonNode>();
    this.#members('}', () => {
      if (this.#text[this.#at] !== '"') throw this.#unexpected('a key in quotes');
      const keyLine = this.#lineHere();
      const key = this.#string();
      if (children.has(key)) throw new JsonSyntaxError(`the key ${JSON.stringify(key)} is given twice`, keyLine);
      this.#skip(BLANKS);
      this.#expect(':');
      this.#skip(BLANKS);
      children.set(key, { ...this.#value(depth + 1), line: keyLine });
    });
    return { value: Object.fromEntries([...children].map(([key, node]) => [key, node.value])), line, children };
  }

  #array(line: number, depth: number): JsonNode {
    const items: JsonNode[] = [];
    this.#members(']', () => items.push(this.#value(depth + 1)));
    const children = new Map(items.map((node, index) => [String(index), node]));
    return { value: items.map((node) => node.value), line, children };
  }

  #members(end: '}' | ']', member: () => void): void {
    this.#at++;
    this.#skip(BLANKS);
    if (this.#text[this.#at] === end) {
      this.#at++;
      return;
    }
    for (;;) {
      member();
      this.#skip(BLANKS);
      if (this.#text[this.#at] === end) break;
      this.#expect(',', `, or ${end}`);
      this.#skip(BLANKS);
    }
    this.#at++;
  }

  #string(): string {
    const from = this.#at;
    const end = afterString(this.#text, from);
    if (end !== undefined) {
      try {
        const text: string = JSON.parse(this.#text.slice(from, end));
        this.#at = end;
        return text;
      } catch {
        // A bad escape, see below.
      }
    }
    throw new JsonSyntaxError('a string is not closed on its line, or holds a bad escape', this.#lineHere());
  }

  #expect(character: string, words = character): void {
    if (this.#text[this.#at] !== character) throw this.#unexpected(words);
    this.#at++;
  }

  /** Takes what the sticky pattern matches here. */
  #skip(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const [token = ''] = pattern.exec(this.#text) ?? [];
    this.#at += token.length;
    return token;
  }

  #unexpected(wanted: string): JsonSyntaxError {
    const found = this.#text.slice(this.#at, this.#at + 20).split(/[\r\n]/, 1)[0] ?? '';
    const words = this.#at >= this.#text.length ? 'the end' : JSON.stringify(found);
    return new JsonSyntaxError(`expected ${wanted}, found ${words}`, this.#lineHere());
  }

  #lineHere(): number {
    for (
      let at = this.#text.indexOf('\n', this.#counted);
      at >= 0 && at < this.#at;
      at = this.#text.indexOf('\n', at + 1)
    ) {
      this.#line++;
      this.#counted = at + 1;
    }
    return this.#line;
  }
}

function leaf(value: unknown, line: number): JsonNode {
  return { value, line, children: NO_CHILDREN };
}

/**
 * Offset after the string that begins at `from` with a quote; undefined if its line ends first. Not a regular
 * expression: that keeps a note of every character, and gives up on a string of some megabytes.
 */
function afterString(text: string, from: number): number | undefined {
  for (let at = from + 1; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) return at + 1;
    if (code === BACKSLASH) at++;
    else if (code < SPACE) return undefined;
  }
  return undefined;
}
