import { readFileSync } from 'node:fs';
import { endianness } from 'node:os';

/** The two ends of a TCP connection, as a server's socket has them. */
export interface Ends {
  readonly remoteAddress?: string | undefined;
  readonly remotePort?: number | undefined;
  readonly localAddress?: string | undefined;
  readonly localPort?: number | undefined;
}

/**
 * The user whose process is at the other end of a connection within this machine, by IPv4. Ask as soon as there is one.
 * @returns the user's id; undefined if the system does not tell: only Linux does, or the other end is gone already
 */
export function userOfPeer({ remoteAddress, remotePort, localAddress, localPort }: Ends): number | undefined {
  const [theirs, ours] = [hexOf(remoteAddress, remotePort), hexOf(localAddress, localPort)];
  if (theirs === undefined || ours === undefined) return undefined;
  let table: string;
  try {
    table = readFileSync('/proc/net/tcp', 'latin1');
  } catch {
    return undefined;
  }
  // `sl local_address rem_address st tx_queue:rx_queue tr:tm->when retrnsmt uid ...`, seen from their end.
  const line = table.split('\n').find((one) => one.includes(` ${theirs} ${ours} `));
  const user = line?.trim().split(/\s+/)[7];
  return user === undefined ? undefined : Number(user);
}

/** As the kernel writes it: the address as a number of this machine, the port as it is. */
function hexOf(address: string | undefined, port: number | undefined): string | undefined {
  const parts = /^(\d+)\.(\d+)\.(\d+)\.(\d+)$/
    .exec(address ?? '')
    ?.slice(1)
    .map(Number);
  if (parts === undefined || port === undefined) return undefined;
  const bytes = endianness() === 'LE' ? parts.reverse() : parts;
  const hex = (value: number, width: number): string => value.toString(16).toUpperCase().padStart(width, '0');
  return `${bytes.map((byte) => hex(byte, 2)).join('')}:${hex(port, 4)}`;
}
