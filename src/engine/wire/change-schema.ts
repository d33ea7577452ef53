import * as z from 'zod/mini';
import { MOST_EDITED } from '../../domain/intents/intent.ts';

/** The parts that the schemas of all intents share. */
interface Parts<Reference extends z.ZodMiniType> {
  readonly request: z.ZodMiniString;
  /** Who acts: an agent, or a person by name. */
  readonly author: z.ZodMiniString;
  readonly reference: Reference;
  readonly project: z.ZodMiniString;
  /** One line that somebody says. */
  readonly text: z.ZodMiniString;
}

/** The schemas of intents that change the state of tasks, and come from other processes. */
export function changingIntents<Reference extends z.ZodMiniType>({
  request,
  author,
  reference,
  project,
  text,
}: Parts<Reference>) {
  const named = {
    request,
    agent: author,
    task: reference,
    more: z.optional(z.array(reference).check(z.maxLength(MOST_EDITED - 1))),
  };
  return [
    z.strictObject({
      kind: z.literal('cancel'),
      ...named,
      reason: text,
      dependants: z.optional(z.enum(['cascade', 'detach'])),
    }),
    z.strictObject({ kind: z.literal('reopen'), ...named }),
    z.strictObject({ kind: z.literal('block'), ...named, reason: text }),
    z.strictObject({ kind: z.literal('pause'), request, agent: author, project: z.optional(project), reason: text }),
    z.strictObject({ kind: z.literal('resume'), request, agent: author, project: z.optional(project) }),
  ] as const;
}
