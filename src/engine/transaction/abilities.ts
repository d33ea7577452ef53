/** What a remote has shown that it can or cannot do. Remembered, so that each process need not find out anew. */
export interface RemoteAbilities {
  /** Whether requests can be published as refs. */
  canPublish(): Promise<boolean>;
  /** Whether several refs can be pushed all or nothing. */
  canPushAtomically(): Promise<boolean>;
  /** Whether refs can be deleted; `unknown` where nobody has tried lately. */
  deleting(): Promise<'possible' | 'refused' | 'unknown'>;
  rememberNoPublishing(): Promise<void>;
  rememberNoAtomic(): Promise<void>;
  rememberDeleting(how: 'possible' | 'refused'): Promise<void>;
}
