/** What a remote has shown that it cannot do. Remembered, so that each process need not find out anew. */
export interface RemoteAbilities {
  /** Whether requests can be published as refs. */
  canPublish(): Promise<boolean>;
  /** Whether several refs can be pushed all or nothing. */
  canPushAtomically(): Promise<boolean>;
  rememberNoPublishing(): Promise<void>;
  rememberNoAtomic(): Promise<void>;
}

/** Whether refs of ours can be deleted again, and to remember that they cannot. */
export interface DeletingAbilities {
  canDelete(): Promise<boolean>;
  rememberNoDeleting(): Promise<void>;
}
