import { toast } from '../state/overlays.ts';

/** What a reader may do, if the server allows actions. Each is what the command of the same name does. */
export type Action =
  | { readonly action: 'answer'; readonly task: string; readonly text: string }
  | { readonly action: 'unblock'; readonly task: string }
  | { readonly action: 'release'; readonly task: string; readonly reason: string }
  | { readonly action: 'priority'; readonly task: string; readonly priority: number }
  | { readonly action: 'pause'; readonly project: string | null; readonly reason: string }
  | { readonly action: 'resume'; readonly project: string | null };

interface Reply {
  readonly message?: string;
  readonly error?: { readonly message: string; readonly hint?: string | null };
}

/** Asks the server to do it, and reports the result. Returns whether it is done; never throws. */
export async function act(action: Action): Promise<boolean> {
  try {
    const response = await fetch('/api/actions', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(action),
    });
    const { message, error } = (await response.json()) as Reply;
    if (response.ok) toast('done', message ?? 'Done');
    else toast('failed', error?.message ?? `The server answers ${response.status}`, error?.hint ?? null);
    return response.ok;
  } catch {
    toast(
      'failed',
      'The server cannot be reached: it is not known whether anything has changed',
      'Look at the task before you try again',
    );
    return false;
  }
}
