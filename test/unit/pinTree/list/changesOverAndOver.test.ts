import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { before, describe, it } from 'node:test';
import { testFolder } from '../../../support/folder';
import { cluster, json, kubo } from '../../../support/daemonStandIn';
import { writeDatabase } from '../../../support/python';
import { assertNothingGrows, isMeasuredHere, MB, withDaemon } from '../../../support/repeatedListing';
import { needs } from '../../../support/needs';

if (!isMeasuredHere())
  describe('changing sources and views over and over leaves nothing behind', needs('/proc'), () => {
    const database = path.join(testFolder('changes'), 'pins.db');
    before(() => writeDatabase(database, 20));

    it('changes of the filter, the order and the groups', () =>
      assertNothingGrows(__filename, { what: 'views', cycles: 8000, database }, MB / 4));

    // Each of the configured sources is asked, and refuses the connection.
    it('changes of the settings, each of which names other sources', () =>
      withDaemon({}, (url) => assertNothingGrows(__filename, { what: 'settings', cycles: 600, url, database })));

    it('hiding the view and showing it again', async () =>
      assertNothingGrows(__filename, { what: 'watch', cycles: 2000, url: await closedAddress(), database }));

    it('lists of a database without a daemon', async () =>
      assertNothingGrows(__filename, { what: 'list', cycles: 2000, url: await closedAddress(), database }));

    // Four sources each.
    it('lists of Kubo, a cluster and a service', () =>
      withDaemon(
        {
          'POST /api/v0/id': kubo('id'),
          'POST /api/v0/pin/ls': kubo('pin-ls-stream-recursive'),
          'GET /id': cluster('id'),
          'GET /allocations': cluster('allocations'),
          'GET /pins': json({ count: 0, results: [] }),
        },
        (url) =>
          assertNothingGrows(__filename, {
            what: 'sources',
            cycles: 1000,
            database,
            settings: {
              wanted: ['kubo', 'cluster', 'services'],
              kuboUrl: url,
              clusterUrl: url,
              services: [{ name: 'far', url }],
            },
          }),
      ));
  });

/** An address on which no program listens. */
async function closedAddress(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return `http://127.0.0.1:${port}`;
}
