import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { httpRequest } from '../../src/daemonClient/http';
import { createPinWorkerHandle } from '../../src/pinWorker/pinWorkerHandle';

/** Opens a Kubo of 100,000 pins in the pin worker as it ships, and reads the same streams without processing them; prints the figures of each run. */

const [, , serverFile = '', dist = '', turns = '5', pace = '1'] = process.argv;
const COUNT = 100_000;
const LIMITS = { headersMs: 60_000, totalMs: 600_000, maxBytes: 2 ** 30 };
const ROUTES = ['type=recursive', 'type=direct', 'type=recursive&names=true'];

async function main(): Promise<void> {
  const server = spawn(process.execPath, [serverFile, String(COUNT), pace], { stdio: ['pipe', 'pipe', 'inherit'] });
  const [printed] = (await once(server.stdout, 'data')) as [Buffer];
  const url = `http://127.0.0.1:${printed.toString().trim()}`;
  const firstByte = async (): Promise<number> => Number(Buffer.from((await httpRequest(`${url}/first`, LIMITS)).body).toString());
  const worker = createPinWorkerHandle({ file: path.join(dist, 'pinWorker.js'), wasmFile: path.join(dist, 'sql-wasm.wasm') });
  const figures = { firstRows: [] as number[], total: [] as number[], nothing: [] as number[], wait: [] as number[], shown: 0 };
  for (let turn = 0; turn <= Number(turns); turn++) {
    let began = performance.now();
    for (const route of ROUTES)
      await httpRequest(`${url}/api/v0/pin/ls?stream=true&${route}`, { ...LIMITS, method: 'POST', onChunk: () => undefined });
    const nothing = performance.now() - began;
    await firstByte();

    let firstRows: Promise<number> | undefined;
    let shown = 0;
    let longest = 0;
    const asking = new AbortController();
    const waits = (async () => {
      while (!asking.signal.aborted) {
        const asked = performance.now();
        await worker.request('inspect', undefined);
        longest = Math.max(longest, performance.now() - asked);
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
    })();
    began = performance.now();
    const opened = await worker.request(
      'open',
      { kind: 'kubo', query: { access: { url }, indirect: false } },
      {
        onSoFar: ({ table }) => {
          shown++;
          const page = worker.request('page', { table, query: { limit: 200 } }).then(() => Date.now());
          firstRows ??= page;
          void page.then(() => worker.request('close', { table }));
        },
      },
    );
    const total = performance.now() - began;
    asking.abort();
    await waits;
    const count = await worker.request('count', { table: opened.table, of: {} });
    const named = await worker.request('count', { table: opened.table, of: { filter: 'pin number' } });
    if (count !== COUNT || named !== COUNT / 2) throw new Error(`${count} pins, ${named} with names.`);
    const first = ((await firstRows) ?? 0) - (await firstByte());
    await worker.request('close', { table: opened.table });
    if (turn === 0) continue; // warms up
    figures.firstRows.push(first);
    figures.total.push(total);
    figures.nothing.push(nothing);
    figures.wait.push(longest);
    figures.shown = shown;
  }
  await worker.dispose();
  server.stdin.end();
  await once(server, 'exit');
  process.stdout.write(JSON.stringify(figures));
}

void main();
