/** The type of an object whose undefined properties have been left out. */
export type Given<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

/**
 * The object without its undefined properties, to spread into another. With `exactOptionalPropertyTypes`, an absent
 * property and an undefined one are different.
 */
export function given<T extends object>(value: T): Given<T> {
  const kept: Record<string, unknown> = {};
  for (const [key, each] of Object.entries(value)) if (each !== undefined) kept[key] = each;
  return kept as Given<T>;
}
