import type { Socket } from 'node:net';
import { systemClock, systemRandomness } from '../../../src/cli/command/system.ts';
import type { Channel, Meet } from '../../../src/machine/meeting.ts';
import { SocketChannel } from '../../../src/machine/socket-channel.ts';
import { socketMeeting } from '../../../src/machine/socket-meeting.ts';

/** Meets in the folder as one process does: each call is another one. Those who meet at `key` do so at `<key>.sock`. */
export function meetIn(folder: string | undefined, key = 's'): Meet {
  const meeting = socketMeeting({ folder, clock: systemClock, random: systemRandomness });
  return (onPeer) => meeting.meet(key, onPeer);
}

/** A channel over a socket that the test has opened or accepted itself. */
export function channelOver(socket: Socket): Channel {
  return new SocketChannel(socket, systemClock, { onBytes: () => undefined, onEnd: () => undefined });
}
