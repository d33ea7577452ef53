/** What `agentq help` explains besides commands. */
export const HELP_TOPICS = ['settings', 'environment', 'exit-codes'] as const;

export type HelpTopic = (typeof HELP_TOPICS)[number];

/**
 * The topic that a command line asks for, if it does.
 * @param argv with the command first
 */
export function topicAsked([first, name]: readonly string[]): HelpTopic | undefined {
  return first === 'help' ? HELP_TOPICS.find((topic) => topic === name) : undefined;
}
