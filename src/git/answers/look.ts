/** The result of one look at the remote (one `ls-remote`): enough to decide whether anything must be fetched. */
export interface Look {
  /** Tip of the coordination branch; undefined if the branch does not exist. */
  readonly tip: string | undefined;
  /** The other refs that were asked for: object ids by full name. */
  readonly refs: ReadonlyMap<string, string>;
  /**
   * Set only if there are more refs than one look reads: for each prefix with more refs, the last name that was read.
   * Nothing is known about names that sort after it.
   */
  readonly unread?: ReadonlyMap<string, string>;
}
