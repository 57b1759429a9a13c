import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { requestShutdown } from '../../../../src/daemonClient/ipfsKit/shutdownRequest';
import type { Reason } from '../../../../src/base/ipfsKitError';
import { IpfsKitError } from '../../../../src/base/ipfsKitError';
import { http, rawServer } from '../rawServer';

async function asked(answer: string, timeoutMs = 2000): Promise<string[]> {
  const server = await rawServer((_, socket) => void socket.end(answer));
  try {
    await requestShutdown(server.url, timeoutMs);
    return server.requests;
  } finally {
    await server.close();
  }
}

describe('the request to shut down', () => {
  it('is a POST without a body, asked once', async () => {
    assert.deepEqual(await asked(http('{"status":"stopping"}')), ['POST /shutdown HTTP/1.1']);
  });

  const refusals: [string, string, Reason][] = [
    ['there is no such route', http('{"detail":"Not Found"}', { status: '404 Not Found' }), 'no-such-route'],
    ['the route takes no POST', http('', { status: '405 Method Not Allowed' }), 'no-such-route'],
    ['it fails', http('', { status: '500 Internal Server Error' }), 'http-status'],
    ['it is redirected, which is not followed', http('', { status: '302 Found' }), 'http-status'],
    ['it responds with 200 and does nothing', http('{"success": false, "error": "no"}'), 'http-status'],
    ['the connection breaks', 'HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\n{', 'truncated'],
    ['it is no HTTP', 'SSH-2.0-OpenSSH\r\n\r\n', 'foreign'],
  ];
  for (const [what, answer, reason] of refusals)
    it(`fails if ${what}`, () => assert.rejects(asked(answer), (error) => IpfsKitError.is(error, reason)));

  it('fails if there is no response in time', async () => {
    const server = await rawServer(() => undefined);
    try {
      await assert.rejects(requestShutdown(server.url, 50), (error) => IpfsKitError.is(error, 'timeout'));
    } finally {
      await server.close();
    }
  });
});
