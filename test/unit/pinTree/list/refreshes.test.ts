import { readFileSync } from 'node:fs';
import path from 'node:path';
import { before, describe, it } from 'node:test';
import { testFolder } from '../../../support/folder';
import { json } from '../../../support/daemonStandIn';
import { writeDatabase } from '../../../support/python';
import type { Answer } from '../../../support/replayServer';
import { assertNothingGrows, isMeasuredHere, MB, withDaemon } from '../../../support/repeatedListing';
import { needs } from '../../../support/needs';

const health = json({ status: 'running' });
const arrow: Answer = {
  body: readFileSync('test/fixtures/arrow/route-10col.stream.arrows'),
  headers: { 'content-type': 'application/vnd.apache.arrow.stream' },
};
const CID = 'bafkreih3ut2fgcbe3pc2izopb3o7ogmnsho6yyfw3uo7ts4xvthzgdd26a';

if (!isMeasuredHere())
  describe('refreshing over and over leaves nothing behind', needs('/proc'), () => {
    const database = path.join(testFolder('refreshes'), 'pins.db');
    before(() => writeDatabase(database, 20));

    // Thousands of lists, so that a leak of the code behind every view shows.
    it('lists of a database', () => assertNothingGrows(__filename, { what: 'list', cycles: 10_000, database }, MB / 3));

    it('lists of a daemon, as Arrow', () =>
      withDaemon({ 'GET /health': health, 'GET /pin-index-arrow': arrow }, (url) =>
        assertNothingGrows(__filename, { what: 'list', cycles: 10_000, url }, MB / 2),
      ));

    // Each list makes three requests, one of which is rejected.
    it('lists of a daemon, as JSON', () =>
      withDaemon({ 'GET /health': health, 'GET /pins': json({ pins: [{ cid: CID }] }) }, (url) =>
        assertNothingGrows(__filename, { what: 'list', cycles: 2000, url }),
      ));
  });
