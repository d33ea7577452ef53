import type { CommitDraft } from '../queue/edit.ts';

/** The whole commit message: subject, body, trailers, each a paragraph, as `git interpret-trailers` expects them. */
export function formatCommitMessage(commit: CommitDraft): string {
  const trailers = commit.trailers.map(({ key, value }) => `${key}: ${oneLine(value)}`).join('\n');
  const body = commit.body === undefined ? [] : [withoutTrailers(commit.body)];
  return `${[oneLine(commit.subject), ...body, trailers].filter((part) => part !== '').join('\n\n')}\n`;
}

/** Values come from users and task files. None may add a line, which could be taken for a trailer or a subject. */
function oneLine(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ').trim();
}

/** Free text keeps its lines, but none of them may be taken for one of our trailers. */
function withoutTrailers(body: string): string {
  return body
    .replace(/\r\n?/g, '\n')
    .replace(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029]/g, ' ')
    .trim()
    .replace(/^(?=agentq-)/gim, '> ');
}
