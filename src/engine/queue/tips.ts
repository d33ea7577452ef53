/** The commit that the branch is at; undefined: there is no such branch. */
export type Tip = string | undefined;

/**
 * Waits for the coordination branch to move. However many wait, in this process or in others of this user on this
 * machine, one of them looks at the remote for all.
 *
 * To wait for something to become claimable:
 *
 *     let tip = await tips.look();            // before asking, so that nothing is missed
 *     while (!(await tryToClaim())) tip = await tips.changed(tip, signal);
 */
export interface Tips {
  /**
   * Where the branch is now: a look that begins after this call, shared by all callers at the same time.
   * @throws Failure of the remote
   */
  look(signal?: AbortSignal): Promise<Tip>;
  /**
   * The same, but by this process itself: the answer at the end of a wait must depend on nobody else.
   * @throws Failure of the remote
   */
  lookAlone(signal?: AbortSignal): Promise<Tip>;
  /**
   * Resolves when the branch is seen anywhere else than at `known`, which must come from this object. If the remote is
   * unreachable for a while, it waits.
   * @throws the signal's reason; Failure if the remote refuses
   */
  changed(known: Tip, signal?: AbortSignal): Promise<Tip>;
}
