const ITEM = /^\s{0,8}(?:[-*+]|\d{1,4}[.)])\s+(?:\[[ xX]\]\s+)?(\S.*)$/;

/**
 * A text of criteria as a list: its items if every line is one or goes on with one, else all of it as one criterion.
 */
export function criteriaIn(text: string | undefined): readonly string[] {
  if (text === undefined) return [];
  const items: string[] = [];
  for (const line of text.split('\n')) {
    if (line.trim() === '') continue;
    const item = ITEM.exec(line)?.[1];
    if (item !== undefined) items.push(item.trimEnd());
    else if (items.length > 0 && /^\s/.test(line)) items.push(`${items.pop()}\n${line.trim()}`);
    else return [text];
  }
  return items;
}
