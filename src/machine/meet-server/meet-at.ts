import type { Clock } from '../../domain/base/clock.ts';
import { type MeetingUrl, showMeeting } from '../../domain/meeting/meeting-url.ts';
import { type MeetAt, MeetServerFailure } from './meet-server.ts';

/** How to get to the server that the URL names. Its client is loaded when somebody wants to go there. */
export function meetAt(url: MeetingUrl, clock: Clock): MeetAt {
  return {
    name: showMeeting(url),
    async open() {
      if (url.kind === 'etcd') throw new MeetServerFailure('unusable', 'etcd is not supported yet');
      const { openRedis } = await import('./redis.ts');
      return openRedis(url, clock);
    },
  };
}
