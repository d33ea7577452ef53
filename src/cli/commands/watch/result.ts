/** What became of a watch that has ended; its events were printed as they happened. */
export interface WatchResult {
  /** Events whose command failed as often as it may. */
  readonly failed: number;
}
