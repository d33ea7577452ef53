import { quote } from '../base/names.ts';
import { closest } from '../base/suggest.ts';

/** What a template may name, in the order of the documentation. */
export const PROMPT_FIELDS = [
  'task',
  'project',
  'id',
  'title',
  'type',
  'priority',
  'description',
  'criteria',
  'checks',
  'touches',
  'dependencies',
  'notes',
  'questions',
  'failures',
  'agent',
  'branch',
  'place',
  'end',
  'file',
] as const;

export type PromptField = (typeof PROMPT_FIELDS)[number];

/** The value of each field; `''`: there is none. */
export type PromptValues = Readonly<Record<PromptField, string>>;

/** The prompt unless a template is given. */
export const DEFAULT_PROMPT = `# {{title}}

Task {{task}}{{#agent}}, for {{agent}}{{/agent}}.

{{#description}}{{description}}

{{/description}}{{#criteria}}## Done when

{{criteria}}

{{/criteria}}{{#checks}}## Checks that must succeed

{{checks}}

{{/checks}}{{#touches}}## Files that it is expected to change

{{touches}}

{{/touches}}{{#dependencies}}## What it builds on

{{dependencies}}

{{/dependencies}}{{#notes}}## Notes

{{notes}}

{{/notes}}{{#questions}}## Questions and answers

{{questions}}

{{/questions}}{{#failures}}## Earlier tries that failed

{{failures}}

{{/failures}}## Where to work

{{place}}

## How to end

{{end}}
`;

/** A prompt from a template, or what is wrong with the template. */
export type Expanded =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'problem'; readonly problem: string };

const TAG = /\{\{([#/]?) {0,3}([A-Za-z_-]{1,40}) {0,3}\}\}/g;

/**
 * Fills a template in: `{{name}}` is the value of a field, and what is between `{{#name}}` and `{{/name}}` is there only
 * if the field has a value. Values are not expanded again, whatever is in them.
 */
export function expandPrompt(template: string, values: PromptValues): Expanded {
  let text = '';
  let at = 0;
  let open: { readonly name: PromptField; readonly isShown: boolean } | undefined;
  for (const { 0: tag, 1: sign = '', 2: said = '', index } of template.matchAll(TAG)) {
    const name = PROMPT_FIELDS.find((field) => field === said);
    if (name === undefined) return problem(unknownField(said));
    const add = open === undefined || open.isShown;
    if (add) text += template.slice(at, index);
    at = index + tag.length;
    if (sign === '#') {
      if (open !== undefined) return problem(`${quote(tag)} is inside of {{#${open.name}}}`);
      open = { name, isShown: values[name] !== '' };
    } else if (sign === '/') {
      if (open?.name !== name) return problem(`${quote(tag)} ends what has not begun`);
      open = undefined;
    } else if (add) text += values[name];
  }
  if (open !== undefined) return problem(`{{#${open.name}}} has no end`);
  return { kind: 'text', text: text + template.slice(at) };
}

function unknownField(said: string): string {
  const meant = closest(said, PROMPT_FIELDS);
  const hint = meant === undefined ? `the known ones are ${PROMPT_FIELDS.join(', ')}` : `did you mean ${meant}?`;
  return `there is no field ${quote(said)}: ${hint}`;
}

function problem(text: string): Expanded {
  return { kind: 'problem', problem: text };
}
