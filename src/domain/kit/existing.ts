/** A file that `init` installs. */
export interface KitFile {
  readonly path: string;
  readonly content: string;
  readonly mode: 'file' | 'executable';
}

/** What is at a path of the tree. */
export type Existing =
  | { readonly kind: 'absent' }
  | {
      readonly kind: 'file';
      readonly content: string;
      readonly mode: KitFile['mode'];
      readonly blob?: string;
      /** An earlier `init` wrote it like this, and nobody has changed it. Absent: that is not known. */
      readonly by?: 'init';
    }
  | { readonly kind: 'folder' }
  /** A symbolic link, a submodule, or a file that is not text. */
  | { readonly kind: 'other' }
  /** One of the paths above it is not a folder. */
  | { readonly kind: 'obstructed'; readonly by: string };
