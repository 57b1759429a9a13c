import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { describe, it } from 'node:test';
import { isPortOpen } from '../../../src/reaper/portOpen';

async function whileListening(host: string, run: (port: number) => Promise<void>): Promise<void> {
  const server = createServer().listen(0, host);
  await new Promise((resolve, reject) => server.once('listening', resolve).once('error', reject));
  const { port } = server.address() as AddressInfo;
  try {
    await run(port);
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
}

describe('a port', () => {
  it('is open at the address where a process listens, and not at another', () =>
    whileListening('127.0.0.1', async (port) => {
      assert.equal(await isPortOpen('127.0.0.1', port), true);
      assert.equal(await isPortOpen('localhost', port), true);
      assert.equal(await isPortOpen('LOCALHOST', port), true);
      assert.equal(await isPortOpen('0.0.0.0', port), true);
      assert.equal(await isPortOpen('127.0.0.2', port), false);
    }));

  it('is open if only IPv6 is used', () =>
    whileListening('::1', async (port) => {
      for (const host of ['::1', '[::1]', 'localhost', '::']) assert.equal(await isPortOpen(host, port), true, host);
      assert.equal(await isPortOpen('127.0.0.1', port), false);
    }));

  it('is closed once no process listens', async () => {
    let last = 0;
    await whileListening('127.0.0.1', (port) => Promise.resolve(void (last = port)));
    assert.equal(await isPortOpen('127.0.0.1', last), false);
  });
});
