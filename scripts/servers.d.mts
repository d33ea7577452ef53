/** What each family of servers needs to be tested. */
export const NEEDS: Readonly<
  Record<string, { readonly programs: readonly string[]; readonly packages: readonly string[] }>
>;
