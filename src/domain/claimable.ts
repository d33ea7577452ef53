/** Why nothing could be claimed: counts by reason, each task of the filtered queue counted once. */
export interface NothingClaimable {
  /** Ready in folder and status, but dependencies are not complete. */
  readonly waiting: number;
  /** The dependency most waited for, and by how many. */
  readonly mostWaitedFor?: { readonly dependency: string; readonly waiting: number };
  /** In the ready folder with another status (`blocked`, `pending`, ...), by status. */
  readonly otherStatus: Readonly<Record<string, number>>;
  readonly claimed: number;
  readonly completed: number;
  readonly unreadable: number;
  readonly inTwoStates: number;
  /** Claimable, but not by this filter. */
  readonly filteredOut: number;
}
