import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import path from 'node:path';
import { createDaemonMonitor } from '../../src/daemonClient/ipfsKit/monitor';
import { createPinWorkerHandle } from '../../src/pinWorker/pinWorkerHandle';
import { createSources } from '../../src/pinSource/sourceKinds';
import type { PinSource } from '../../src/pinSource/pinSource';
import { ipfsKitSource } from '../../src/pinSource/ipfsKitSource';
import { watchStore } from '../../src/pinStore/watchStore';
import { createPinListModel } from '../../src/pinTree/list/pinListModel';
import { createPinLists } from '../../src/pinTree/list/pinLists';
import type { SourceSettings } from '../../src/base/settingTypes';
import type { Growth, Repeated } from './growth';
import { growthOf, measureGrowth, scenarioHere } from './growth';
import type { Answer } from './replayServer';
import { replayServer } from './replayServer';
import { SHARE } from './rounds';
import { sourceParts } from './sourceParts';

/** What the process that is measured does, again and again. */
export interface Scenario {
  readonly what: 'list' | 'peers' | 'views' | 'places' | 'watch';
  readonly cycles: number;
  /** Where it is asked. */
  readonly url?: string;
  readonly database?: string;
  readonly settings?: Partial<SourceSettings>;
}

/** A list that was ended may still be closing its table. */
const AT_REST_MS = 200;

/** The engine as the extension composes it, without an editor. */
function engine({ url, database }: Scenario, others: () => readonly PinSource[] = () => []) {
  const dist = path.join(process.cwd(), 'dist');
  const worker = createPinWorkerHandle({ file: path.join(dist, 'pinWorker.js'), wasmFile: path.join(dist, 'sql-wasm.wasm') });
  const monitor = createDaemonMonitor({ urls: () => (url === undefined ? [] : [url]) });
  const own = ipfsKitSource({
    probe: () => monitor.check('asked'),
    sources: () => ({
      ...(url !== undefined && { daemonUrls: [url] }),
      ...(database !== undefined && { databasePath: database }),
    }),
  });
  const listOf = (source: PinSource) => ({ source, model: createPinListModel({ worker, source }) });
  const lists = createPinLists(own, () => Promise.resolve([own, ...others()]), listOf);
  const counts = async () => ({ tables: (await worker.request('inspect', undefined)).openTables });
  return { monitor, lists, model: lists.shown()[0].model, counts, atRest: () => sleep(AT_REST_MS) };
}

const SCENARIOS: Readonly<Record<Scenario['what'], (scenario: Scenario) => Repeated>> = {
  list: (scenario) => {
    const { model, lists, counts, atRest } = engine(scenario);
    return {
      cycle: async (at) => {
        if (at % 20 === 0) void lists.list(); // which the next one ends
        await lists.list();
        assert.ok(model.state.listing, model.state.error?.message);
        if (at % 10 === 0) await lists.setView({ filter: `readme ${at % 7}`, group: 'type' });
        if (at % 10 === 5) await lists.setView({});
      },
      atRest,
      counts,
    };
  },
  peers: (scenario) => {
    const sources = createSources(sourceParts({ set: () => scenario.settings ?? {} }));
    const { lists, counts } = engine(scenario, sources);
    return {
      cycle: async () => {
        await lists.list();
        for (const { source, model } of lists.shown())
          if (source.id !== 'ipfs_kit_py') assert.ok(model.state.listing, model.state.error?.message);
      },
      counts,
    };
  },
  views: (scenario) => {
    const { lists, model, counts } = engine(scenario);
    let listed: Promise<unknown> | undefined;
    return {
      cycle: async (at) => {
        await (listed ??= lists.list());
        await lists.setView({
          filter: `a${at % 9}`,
          ...(at % 3 === 0 && { group: 'type' as const }),
          sort: at % 2 === 0 ? 'name' : '-time',
        });
        assert.ok(model.state.listing);
      },
      counts,
    };
  },
  /** Settings that change each time: another service, another Kubo. */
  places: (scenario) => {
    let at = 0;
    const set = (): Partial<SourceSettings> => ({
      wanted: ['kubo', 'services'],
      kuboUrl: `${scenario.url ?? ''}/${at}`,
      services: [{ name: `service ${at}`, url: `${scenario.url ?? ''}/service/${at}` }],
    });
    const sources = createSources(sourceParts({ set }));
    const { lists, counts } = engine(scenario, sources);
    return {
      cycle: async (cycle) => {
        at = cycle;
        await lists.list();
      },
      counts,
    };
  },
  /** The view is hidden and shown. */
  watch: (scenario) => {
    const { database = '' } = scenario;
    const { monitor, counts } = engine(scenario);
    const watching = watchStore({
      databasePath: () => database,
      pidFile: () => `${database}.pid`,
      onStores: () => Promise.resolve(),
      onPidFile: () => undefined,
      note: () => undefined,
      debounceMs: 1,
      leastBetweenMs: 1,
    });
    return {
      cycle: async (at) => {
        watching.setActive(true);
        monitor.setVisible(true);
        if (at % 5 === 0) await sleep(2);
        watching.setActive(false);
        monitor.setVisible(false);
      },
      atRest: () => sleep(300),
      counts,
    };
  },
};

export const MB = 2 ** 20;

/**
 * Of what can be counted there is no more at the end than half way. The heap is what is left after garbage collection: code that gets hot adds some
 * tens of KB once. The memory of the process is not given back at once, and the heap of the worker is collected when it likes.
 */
export function assertSteady({ cycles, halfWay, end, warnings }: Growth, mostHeap: number): void {
  assert.deepEqual(warnings, []);
  const { descriptors, resources, threads, counts } = halfWay;
  assert.ok(end.descriptors <= descriptors + 2, `${end.descriptors} descriptors, ${descriptors} half way`);
  assert.ok(end.resources <= resources + 1, `${end.resources} active resources, ${resources} half way`);
  assert.ok(end.threads <= threads + 1, `${end.threads} threads, ${threads} half way`);
  assert.deepEqual(end.counts, counts);
  const grown = { heap: end.heapBytes - halfWay.heapBytes, buffers: end.bufferBytes - halfWay.bufferBytes };
  assert.ok(grown.heap < mostHeap, `the heap has grown by ${grown.heap} bytes in ${cycles / 2} cycles`);
  assert.ok(grown.buffers < MB, `buffers have grown by ${grown.buffers} bytes`);
  assert.ok(end.rssBytes - halfWay.rssBytes < 64 * MB, `${end.rssBytes} bytes in memory, ${halfWay.rssBytes} half way`);
}

/** A daemon in this process, not in the one that is measured. */
export async function withDaemon(
  answers: Readonly<Record<string, Answer>>,
  check: (url: string) => Promise<void>,
): Promise<void> {
  const server = await replayServer(({ method, path: route }) => answers[`${method} ${route.split('?')[0] ?? ''}`]);
  try {
    await check(server.url);
    assert.equal(server.open(), 0, 'no connection is left open');
  } finally {
    await server.close();
  }
}

/** True in the process that is measured, which does nothing else; false in the tests. */
export function isMeasuredHere(): boolean {
  const scenario = scenarioHere() as Scenario | undefined;
  if (scenario) void measureGrowth(scenario.cycles, SCENARIOS[scenario.what](scenario));
  return scenario !== undefined;
}

/** What code that gets hot adds to the heap once, however few cycles there are, in bytes. */
const HOT = MB / 4;

/** `file`: the bundle of the test; the heap may grow by so much from half way to the end of all cycles. `share`: of the cycles, as SHARE by default. */
export async function assertNothingGrows(file: string, scenario: Scenario, mostHeap = MB, share = SHARE): Promise<void> {
  const bound = share === 1 ? mostHeap : mostHeap * share + HOT;
  assertSteady(await growthOf(file, { ...scenario, cycles: scenario.cycles * share }), bound);
}
