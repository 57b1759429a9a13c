// The figures of a real Kubo's list in the real workbench for `npm run bench`.
import { request } from 'node:http';
import { kuboOfPins } from './kuboPins.mjs';
import { startKuboProxy } from './kuboProxy.mjs';
import { median, spread } from './measuring.mjs';
import { say } from './run.mjs';

const COUNT = 100_000;
/** What the extension asks for. */
const ROUTES = ['type=recursive', 'type=direct', 'type=recursive&names=true'];

/** Rows of the table. `inHost` runs a suite in the extension host, and gives what it has measured. */
export async function benchRealKubo({ runs, inHost }) {
  const kubo = await kuboOfPins(COUNT);
  let proxy;
  try {
    await kubo.start();
    const url = kubo.rpc();
    proxy = await startKuboProxy(url);
    const { firstRows, total, nothing, blocks } = await inHost('kubo', {
      suites: 'realDaemons',
      env: { IPFS_KIT_TEST_KUBO_LIST: JSON.stringify({ count: COUNT, turns: Math.min(5, runs), url, proxy: proxy.url }) },
      more: {
        readWithNothing: () => readWithNothing(url),
        takeFirstByte: () => {
          const at = proxy.firstByteAt;
          proxy.firstByteAt = undefined;
          return at;
        },
      },
    });
    const each = (what) => Object.entries(blocks).map(([step, block]) => `${step} ${block[what].toFixed(0)}`).join(', '); // prettier-ignore
    for (const [step, { running, most }] of Object.entries(blocks)) if (running > 16) say(`${step}: ${most.join(' · ')}`);
    return [
      ['100,000 pins of a real Kubo, in the real workbench: its first byte → first 200 in the list, ms', spread(firstRows), '300', ''], // prettier-ignore
      [
        '… command → all of them, with their names, ms',
        spread(total),
        '1.1 × the other',
        `the same streams by node:http, unprocessed: ${spread(nothing)} (${(median(total) / median(nothing)).toFixed(2)} ×)`,
      ],
      ['… longest block of the host’s thread meanwhile, ms: own code', each('own'), '16', ''],
      ['… any code, VS Code’s too', each('running'), '', ''],
    ];
  } finally {
    proxy?.stop();
    await kubo.stop();
  }
}

/** ms. */
async function readWithNothing(url) {
  const began = performance.now();
  for (const route of ROUTES)
    await new Promise((resolve, reject) => {
      const asked = request(`${url}/api/v0/pin/ls?stream=true&${route}`, { method: 'POST', agent: false }, (answer) =>
        answer
          .on('data', () => undefined)
          .once('end', resolve)
          .once('error', reject),
      );
      asked.once('error', reject).end();
    });
  return performance.now() - began;
}
