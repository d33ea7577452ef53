/** Where `agentq doctor` makes the refs with which it tries what a server can do. Nothing else looks there. */
const PROBES: string = 'refs/agentq/probe/';

/** A probe takes seconds: after this long (ms), its refs are left over. */
const PROBE_OVER_MS = 3_600_000;

/** What the names of the refs of one probe begin with. @param at ms since the epoch @param id unguessable */
export function probePrefix(at: number, id: string): string {
  return `${PROBES}${at.toString(36).padStart(9, '0')}-${id}/`;
}

/** Whether the probe that made the ref must be over, by its name. A name of another form is left alone. */
export function isProbeOver(ref: string, now: number): boolean {
  const time = /^([0-9a-z]{9})-[0-9a-z]+\//.exec(ref.slice(PROBES.length))?.[1];
  return ref.startsWith(PROBES) && time !== undefined && Number.parseInt(time, 36) < now - PROBE_OVER_MS;
}
