/** What a remote is known to be able to do. It is remembered, so that each process need not find out again. */
export interface RemoteAbilities {
  /** Whether requests can be published as refs. */
  canPublish(): Promise<boolean>;
  /** Whether several refs can be pushed atomically. */
  canPushAtomically(): Promise<boolean>;
  /** Whether refs can be deleted; `unknown` if nobody has tried lately. */
  deleting(): Promise<'possible' | 'refused' | 'unknown'>;
  /** Whether refs that tell what became of requests can be made. */
  canLeaveAnswers(): Promise<boolean>;
  rememberNoPublishing(): Promise<void>;
  rememberNoAtomic(): Promise<void>;
  rememberNoAnswers(): Promise<void>;
  rememberDeleting(how: 'possible' | 'refused'): Promise<void>;
}
