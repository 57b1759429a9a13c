import { openList } from '../../src/pinSource/listing';
import type { PinSource } from '../../src/pinSource/pinSource';
import type { SourceKind } from '../../src/pinSource/sourceKind';

/** A kind of source that only tests know: pins in a database. It consists of this file and of a row in the table of kinds. */
export function shelfKind(databasePath: string): SourceKind {
  return {
    id: 'shelf',
    create: () => {
      const source = shelf(databasePath);
      return () => [source];
    },
  };
}

function shelf(databasePath: string): PinSource {
  return {
    id: 'shelf',
    name: 'Shelf',
    welcome: 'shelf',
    capabilities: { actions: ['pin', 'rename'], token: true, statuses: 'none', sizes: 'none', stop: 'stopListing' },
    probe: () => Promise.resolve({ state: 'up', detail: 'The shelf is there.' }),
    open: (options) => openList({ kind: 'store', query: { databasePath } }, options, { freshness: 'snapshot' }),
    run: (action, { cid }) => Promise.resolve(`${action}: ${cid}`),
  };
}
