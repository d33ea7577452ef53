import type { Ending } from '../process/ending.ts';
import type { ObjectReader } from './objects.ts';

/**
 * Makes objects that refs of the remote point to available here: those that are absent are fetched, in one connection.
 * @returns false if the remote no longer has one of them
 * @throws Failure of the remote
 */
export async function fetchAbsent(
  objects: Pick<ObjectReader, 'exists'>,
  upstream: { fetchObjects(oids: readonly string[], ending?: Ending): Promise<boolean> },
  oids: readonly string[],
  ending: Ending = {},
): Promise<boolean> {
  const here = await Promise.all(oids.map((oid) => objects.exists(oid)));
  const absent = oids.filter((_, index) => here[index] === false);
  return absent.length === 0 || upstream.fetchObjects(absent, ending);
}
