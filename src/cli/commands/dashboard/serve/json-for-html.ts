/**
 * JSON for the same value that can stand in a `<script>` of a document: nothing in it ends the element, opens a comment
 * or another script, or ends a line of JavaScript.
 */
export function jsonForHtml(value: unknown): string {
  return JSON.stringify(value).replace(/[<>&\u2028\u2029]/g, escaped);
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
