import type { Clock, Randomness } from '../../domain/base/clock.ts';
import { type MeetingUrl, showMeeting } from '../../domain/meeting/meeting-url.ts';
import type { MeetAt } from './meet-server.ts';
import type { TlsFiles } from './tls.ts';

/** What besides the URL decides how to get to a server. */
export interface MeetAtOptions {
  readonly clock: Clock;
  readonly random: Randomness;
  /** Read only if the URL asks for TLS. */
  readonly tls: TlsFiles;
}

/** How to get to the server that the URL names. Its client is loaded when somebody wants to go there. */
export function meetAt(url: MeetingUrl, { clock, random, tls: files }: MeetAtOptions): MeetAt {
  return {
    name: showMeeting(url),
    async open() {
      const tls = url.secrecy === 'tls' ? (await import('./tls.ts')).readTls(files) : {};
      if (url.kind === 'etcd') {
        const { openEtcd } = await import('./etcd.ts');
        return openEtcd(url, { clock, random, tls });
      }
      const { openRedis } = await import('./redis.ts');
      return openRedis(url, { clock, tls });
    },
  };
}
