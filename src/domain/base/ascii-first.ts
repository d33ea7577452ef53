const ASCII = /^[\u0000-\u007f]*$/;

/** What Unicode's classes of letters, numbers and marks hold of ASCII. */
const IN_ASCII: Readonly<Record<string, string>> = { '\\p{L}': 'A-Za-z', '\\p{N}': '0-9', '\\p{M}': '' };

/**
 * An expression with Unicode classes inside brackets, which has a double without them for text that is ASCII throughout,
 * as most text is. V8 takes 1.1 to 1.8 ms to compile such classes when they are first used, and 0.05 ms for the double.
 * @param any without a position of its own (`g`, `y`), and with no other classes than `\p{L}`, `\p{N}`, `\p{M}`
 */
export function asciiFirst(any: RegExp): Pick<RegExp, 'exec' | 'test'> {
  const ascii = new RegExp(any.source.replace(/\\p\{\w\}/g, (name) => IN_ASCII[name] ?? name));
  const fitting = (text: string): RegExp => (ASCII.test(text) ? ascii : any);
  return { exec: (text) => fitting(text).exec(text), test: (text) => fitting(text).test(text) };
}
