// The figures of a Kubo's list for `npm run bench`.
import { bundled, measuring, median, spread } from './measuring.mjs';
import { inRoot } from './project.mjs';

/** Rows of the table. */
export async function benchKuboStandIn({ runs }) {
  const [measure, server] = [await measuring('benchKuboStandIn'), await bundled('benchKuboStandIn/server.ts')];
  const figuresAt = (pace, turns) => measure([server, inRoot('dist'), turns, pace]);
  const ratio = ({ total, nothing }) => (median(total) / median(nothing)).toFixed(2);
  const paced = figuresAt(1, Math.min(3, runs)); // 13 s per run
  const atOnce = figuresAt(0, runs);
  return [
    ['100,000 pins of a Kubo at its pace: its first byte → first 200 in the host, ms', spread(paced.firstRows), '300', ''],
    [
      '… all of them, with their names, ms',
      spread(paced.total),
      '1.1 × the other',
      `the same streams, unprocessed: ${spread(paced.nothing)} (${ratio(paced)} ×)`,
    ],
    [`… longest wait of a query to the thread meanwhile, ms (lists shown: ${paced.shown})`, spread(paced.wait), '', ''],
    [
      '… sent at once',
      spread(atOnce.total),
      '',
      `unprocessed: ${spread(atOnce.nothing)} (${ratio(atOnce)} ×); longest wait ${spread(atOnce.wait)}`,
    ],
  ];
}
