/** What one look at the remote gave (one `ls-remote`): enough to decide whether anything must be fetched. */
export interface Look {
  /** Tip of the coordination branch; undefined where the branch does not exist. */
  readonly tip: string | undefined;
  /** Other refs asked for, full name to object id. */
  readonly refs: ReadonlyMap<string, string>;
  /**
   * Only where there are more refs than one look reads: the last name that was read under each prefix of which there are
   * more. Nothing is known of what sorts after it.
   */
  readonly unread?: ReadonlyMap<string, string>;
}
