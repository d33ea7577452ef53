/** How a file of a kind has comments of one line. */
export type CommentStyle = 'html' | 'hash';

/** What is at the path of a file that is all ours. */
export type OwnFileState =
  | 'absent'
  /** As this version writes it. */
  | 'current'
  /** As an earlier version wrote it, or with other options; nobody has changed it. */
  | 'outdated'
  /** Somebody has changed it, or it is not ours. */
  | 'changed';

/** A file that is all ours, with a last line by which it is known whether anybody has changed it. */
export function ownFile(content: string, style: CommentStyle): string {
  const text = content.endsWith('\n') ? content : `${content}\n`;
  return `${text}${stampOf(text, style)}\n`;
}

/** Whether the file may be replaced or removed. Line breaks do not count: git may convert them. */
export function ownFileState(there: string | undefined, wanted: string, style: CommentStyle): OwnFileState {
  if (there === undefined) return 'absent';
  const text = there.replaceAll('\r\n', '\n');
  if (text === wanted) return 'current';
  const at = text.lastIndexOf('\n', text.length - 2) + 1;
  return text.slice(at) === `${stampOf(text.slice(0, at), style)}\n` ? 'outdated' : 'changed';
}

function stampOf(text: string, style: CommentStyle): string {
  const words = `written by \`agentq setup\`, and replaced by it unless it is changed: ${checksum(text)}`;
  return style === 'html' ? `<!-- ${words} -->` : `# ${words}`;
}

/** FNV-1a of 32 bits: it need not withstand anybody, since whoever could forge it may write the file. */
function checksum(text: string): string {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return (hash >>> 0).toString(16).padStart(8, '0');
}
