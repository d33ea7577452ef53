/** Lets the caller end one operation early. */
export interface Ending {
  /**
   * When aborted, it ends git and all its helpers. A read then throws the signal's reason. A push returns `unknown`,
   * since it may have landed, or `transient` if it had not begun.
   */
  readonly signal?: AbortSignal | undefined;
}
