import type { CommandDeclaration, OptionDeclaration } from '../../src/cli/command/declaration.ts';
import { ENVIRONMENT } from '../../src/cli/command/environment.ts';
import { GLOBAL_OPTIONS, RETRY_OPTIONS, TIMEOUT_OPTION } from '../../src/cli/command/shared-options.ts';
import { COMMAND_GROUPS, COMMANDS } from '../../src/cli/commands.ts';
import { argumentTerm, usageLine } from '../../src/cli/help.ts';
import { EXIT_CODE_REFERENCE } from '../../src/cli/reference/exit-codes.ts';
import { SETTINGS } from '../../src/cli/reference/settings.ts';
import { LAYOUT_NAMES, locationOf, onlyProjectOf } from '../../src/domain/queue/layouts.ts';
import { pageLink, prose, table } from './markdown.ts';

/** What pages have between `<!-- npm run docs: name -->` and `<!-- end -->`, by that name: lines of Markdown. */
export const BLOCKS: Readonly<Record<string, () => readonly string[]>> = {
  'list of commands': () =>
    COMMAND_GROUPS.flatMap(({ who, commands }) => [
      `For ${who}:`,
      '',
      ...table(
        ['command', 'does', 'stdout'],
        commands.map(({ name, summary, prints }) => [`[\`${name}\`](#agentq-${name})`, prose(summary), prose(prints)]),
      ),
      '',
    ]).slice(0, -1),

  commands: () => COMMANDS.flatMap((command) => [...aboutCommand(command), '']).slice(0, -1),

  'options of every command': () => optionTable(GLOBAL_OPTIONS),

  'options of commands that push': () => optionTable(RETRY_OPTIONS),

  settings: () =>
    table(
      ['setting', 'default', 'read from', 'meaning'],
      SETTINGS.map(({ key, otherwise, from, meaning, page }) => [
        `\`${key}\``,
        /^\(.*\)$/.test(otherwise) ? otherwise.slice(1, -1) : `\`${otherwise}\``,
        from === 'branch' ? 'branch' : 'working tree',
        page === undefined ? prose(meaning) : `${prose(meaning)} (${pageLink(page)})`,
      ]),
    ),

  variables: () =>
    table(
      ['variable', 'stands for', 'meaning'],
      ENVIRONMENT.map(({ name, flag, meaning }) => [
        `\`${name}\``,
        flag === undefined ? '' : `\`${flag}\``,
        prose(meaning),
      ]),
    ),

  'exit codes': () =>
    table(
      ['code', 'meaning', 'what a shell loop does'],
      EXIT_CODE_REFERENCE.map(({ codes, meaning, loop }) => [codes.join(', '), prose(meaning), prose(loop)]),
    ),

  layouts: () =>
    table(
      ['layout', 'ready', 'claimed', 'completed'],
      LAYOUT_NAMES.map((layout) => {
        const { folders } = locationOf(layout, '<project>');
        const only = onlyProjectOf(layout);
        const note = only === undefined ? '' : ` (one project, named \`${only}\`)`;
        return [layout, `\`${folders.ready}\``, `\`${folders.claimed}\``, `\`${folders.completed}\`${note}`];
      }),
    ),
};

function aboutCommand(command: CommandDeclaration): string[] {
  const { name, args, options, description, prints, page, examples } = command;
  const pushing = RETRY_OPTIONS.filter((option) => option !== TIMEOUT_OPTION);
  const isPushing = pushing.every((option) => options.includes(option));
  const own = isPushing ? options.filter((option) => !RETRY_OPTIONS.includes(option)) : options;
  // `work` has a --timeout of its own.
  const shared = options.includes(TIMEOUT_OPTION) ? '' : ', but for `--timeout`';
  const width = Math.max(...examples.map(({ command: line }) => line.length));
  return [
    `### \`agentq ${name}\``,
    '',
    prose(description),
    '',
    '```',
    `agentq ${name} ${usageLine(command, Number.POSITIVE_INFINITY)}`,
    '```',
    '',
    ...(args.length === 0 ? [] : [...argumentTable(command), '']),
    ...(own.length === 0 ? [] : [...optionTable(own), '']),
    ...(isPushing ? [`And the [options of commands that push](#options-of-commands-that-push)${shared}.`, ''] : []),
    '```sh',
    ...examples.map(({ command: line, does }) => `${line.padEnd(width)}  # ${does}`),
    '```',
    '',
    `On stdout: ${prose(prints)}. More: ${pageLink(page)}.`,
  ];
}

function argumentTable({ args }: CommandDeclaration): string[] {
  return table(
    ['argument', 'meaning'],
    args.map((argument) => [`\`${argumentTerm(argument)}\``, prose(argument.description)]),
  );
}

function optionTable(options: readonly OptionDeclaration[]): string[] {
  return table(
    ['option', 'meaning'],
    options.map(({ flags, description }) => [`\`${flags}\``, prose(description)]),
  );
}
