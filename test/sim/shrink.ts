import type { WorldSpec } from './spec.ts';

type Broken = readonly { readonly rule: string }[];

/** A smaller world that breaks one of the same rules: whatever can be taken away without that is taken away. */
export async function shrink(spec: WorldSpec, judge: (spec: WorldSpec) => Promise<Broken>): Promise<WorldSpec> {
  const rules = new Set((await judge(spec)).map(({ rule }) => rule));
  const fails = async (one: WorldSpec): Promise<boolean> => (await judge(one)).some(({ rule }) => rules.has(rule));
  let smallest = spec;
  for (let isSmaller = true; isSmaller; ) {
    isSmaller = false;
    for (const candidate of smallerThan(smallest)) {
      if (!(await fails(candidate))) continue;
      smallest = candidate;
      isSmaller = true;
      break;
    }
  }
  return smallest;
}

function* smallerThan(spec: WorldSpec): Generator<WorldSpec> {
  const { processes, server, machines } = spec;
  for (const { name } of processes) {
    const isOf = (one: string | undefined): boolean => one === name;
    yield { ...spec, processes: processes.filter((one) => !isOf(one.name) && !isOf(one.after)) };
  }
  for (const key of Object.keys(server)) {
    yield { ...spec, server: Object.fromEntries(Object.entries(server).filter(([name]) => name !== key)) };
  }
  if (server.faults !== undefined && server.faults.kinds.length > 1) {
    for (const kind of server.faults.kinds) {
      const kinds = server.faults.kinds.filter((one) => one !== kind);
      yield { ...spec, server: { ...server, faults: { ...server.faults, kinds } } };
    }
  }
  for (const [index, process] of processes.entries()) {
    const { events, version, ...rest } = process;
    const without = (smaller: typeof process): WorldSpec => ({
      ...spec,
      processes: processes.map((one, at) => (at === index ? smaller : one)),
    });
    if (events !== undefined) yield without(version === undefined ? rest : { ...rest, version });
    if (version !== undefined) yield without(events === undefined ? rest : { ...rest, events });
  }
  for (const [index, machine] of machines.entries()) {
    if (Object.keys(machine).length > 0) {
      yield { ...spec, machines: machines.map((one, at) => (at === index ? {} : one)) };
    }
  }
  if (spec.stalledAfterMs !== undefined) {
    const { stalledAfterMs: _, ...rest } = spec;
    yield rest;
  }
}
