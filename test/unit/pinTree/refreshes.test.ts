import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import path from 'node:path';
import { before, describe, it } from 'node:test';
import { createDaemonMonitor } from '../../../src/daemonClient/monitor';
import { createPinWorkerHandle } from '../../../src/pinIndex/pinWorkerHandle';
import { createDaemonSources } from '../../../src/pinSource/daemonSources';
import type { PinSource } from '../../../src/pinSource/pinSource';
import { ipfsKitSource } from '../../../src/pinSource/ipfsKitSource';
import { watchStore } from '../../../src/pinStore/watchStore';
import { createPinListModel } from '../../../src/pinTree/pinListModel';
import { createPinLists } from '../../../src/pinTree/pinLists';
import type { SourceSettings } from '../../../src/settings';
import { testFolder } from '../../support/folder';
import type { Growth, Repeated } from '../../support/growth';
import { growthOf, measureGrowth, scenarioHere } from '../../support/growth';
import { cluster, json, kubo } from '../../support/peerStandIn';
import { writeDatabase } from '../../support/python';
import type { Answer } from '../../support/replayServer';
import { recordedAnswer, replayServer } from '../../support/replayServer';

/** What the process that is measured does, again and again. */
interface Scenario {
  readonly what: 'list' | 'peers' | 'views' | 'places' | 'watch';
  readonly cycles: number;
  /** Where it is asked. */
  readonly url?: string;
  readonly database?: string;
  readonly settings?: Partial<SourceSettings>;
}

const NOTHING_SET: SourceSettings = {
  wanted: [],
  kuboUrl: undefined,
  indirect: false,
  kuboCommand: [],
  clusterUrl: undefined,
  services: [],
};

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
  const lists = createPinLists(listOf(own), () => Promise.resolve(others()), listOf);
  const counts = async () => ({ tables: (await worker.request('inspect', undefined)).openTables });
  return { worker, monitor, lists, model: lists.first.model, counts };
}

const SCENARIOS: Readonly<Record<Scenario['what'], (scenario: Scenario) => Repeated>> = {
  list: (scenario) => {
    const { model, lists, counts } = engine(scenario);
    return {
      cycle: async (at) => {
        await lists.list();
        assert.ok(model.state.listing, model.state.error?.message);
        if (at % 10 === 0) await lists.setView({ filter: `readme ${at % 7}`, group: 'type' });
        if (at % 10 === 5) await lists.setView({});
      },
      counts,
    };
  },
  peers: (scenario) => {
    const settings = (): SourceSettings => ({ ...NOTHING_SET, ...scenario.settings });
    const sources = createDaemonSources({
      repository: () => '/nowhere',
      isRepositorySet: () => false,
      settings,
      authorization: () => Promise.resolve(undefined),
    });
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
        await lists.setView({ filter: `a${at % 9}`, ...(at % 3 === 0 && { group: 'type' as const }), sort: at % 2 === 0 ? 'name' : '-time' });
        assert.ok(model.state.listing);
      },
      counts,
    };
  },
  /** Settings that change each time: another service, another Kubo. */
  places: (scenario) => {
    let at = 0;
    const settings = (): SourceSettings => ({
      ...NOTHING_SET,
      wanted: ['kubo', 'services'],
      kuboUrl: `${scenario.url ?? ''}/${at}`,
      services: [{ name: `service ${at}`, url: `${scenario.url ?? ''}/service/${at}` }],
    });
    const sources = createDaemonSources({
      repository: () => '/nowhere',
      isRepositorySet: () => false,
      settings,
      authorization: () => Promise.resolve(undefined),
    });
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

const MB = 2 ** 20;

function assertSteady({ cycles, halfWay, end, warnings }: Growth): void {
  process.stderr.write(`${JSON.stringify({ cycles, halfWay, end, warnings })}\n`);
  assert.deepEqual(warnings, []);
}

const scenario = scenarioHere<Scenario>();
if (scenario) void measureGrowth(scenario.cycles, SCENARIOS[scenario.what](scenario));
else
  describe('refreshing, over and over', () => {
    const folder = testFolder('refreshes');
    const database = path.join(folder, 'pins.db');
    before(() => {
      writeDatabase(database, 20);
    });
    void [mkdirSync, utimesSync, writeFileSync, MB, createServer, cluster, json, kubo, recordedAnswer];

    it('leaves nothing behind of lists from disk', async () =>
      assertSteady(await growthOf(__filename, { what: 'list', cycles: 1000, database } satisfies Scenario)));
    it('leaves nothing behind of views', async () =>
      assertSteady(await growthOf(__filename, { what: 'views', cycles: 4000, database } satisfies Scenario)));
    it('leaves nothing behind of lists that a daemon sends as Arrow', async () => {
      const body = readFileSync('test/fixtures/arrow/route-10col.stream.arrows');
      const server = await replayServer(({ path: route }): Answer | undefined =>
        route.startsWith('/health')
          ? { body: '{"status":"running"}' }
          : route === '/pin-index-arrow'
            ? { body, headers: { 'content-type': 'application/vnd.apache.arrow.stream', 'content-length': String(body.length) } }
            : undefined,
      );
      assertSteady(await growthOf(__filename, { what: 'list', cycles: 10_000, url: server.url } satisfies Scenario));
      await server.close();
    });
    it('places', async () => {
      const server = await replayServer(() => undefined);
      assertSteady(await growthOf(__filename, { what: 'places', cycles: 600, url: server.url, database } satisfies Scenario));
      await server.close();
    });
    it('watch', async () => {
      const closed = createServer();
      await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve));
      const { port } = closed.address() as AddressInfo;
      await new Promise((resolve) => closed.close(resolve));
      assertSteady(await growthOf(__filename, { what: 'watch', cycles: 2000, url: `http://127.0.0.1:${port}`, database } satisfies Scenario));
    });
  });
