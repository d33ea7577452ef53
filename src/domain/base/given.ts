/** The type of an object whose undefined properties have been left out. */
export type Given<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

/**
 * The object without the properties that are undefined. To spread into another: with `exactOptionalPropertyTypes`, a
 * property that is absent and one that is undefined are two things.
 */
export function given<T extends object>(value: T): Given<T> {
  const kept: Record<string, unknown> = {};
  for (const [key, each] of Object.entries(value)) if (each !== undefined) kept[key] = each;
  return kept as Given<T>;
}
