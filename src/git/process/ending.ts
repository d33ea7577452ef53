/** Ends one operation before its time. */
export interface Ending {
  /**
   * Aborted, it ends git and all its helpers. A reading throws the signal's reason; a push says `unknown`, for it may have
   * landed, or `transient` where it was not begun.
   */
  readonly signal?: AbortSignal | undefined;
}
