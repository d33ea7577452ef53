/** The text after its heading, in lines of the width (columns) that begin below each other. */
export function hanging(heading: string, text: string, width: number): string[] {
  const [first = '', ...words] = text.split(' ');
  const indent = ' '.repeat(Math.max(heading.length, 2));
  const lines: string[] = [];
  let line = heading + first;
  for (const word of words) {
    if (line.length + 1 + word.length <= width) line += ` ${word}`;
    else {
      lines.push(line);
      line = indent + word;
    }
  }
  return [...lines, line];
}
