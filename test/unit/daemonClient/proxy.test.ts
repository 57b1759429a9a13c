import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { IncomingMessage, Server } from 'node:http';
import { createServer, request } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { connect, createServer as createTcpServer } from 'node:net';
import { after, afterEach, describe, it } from 'node:test';
import { tlsRequest } from '../../../src/daemonClient/tlsRequest';
import type { ProxySettings } from '../../../src/base/settingTypes';
import { proxyFor, wayTo } from '../../../src/daemonClient/proxyAndCertificate';
import { IpfsKitError } from '../../../src/base/ipfsKitError';
import { selfSigned } from '../../support/certificate';
import { tlsServer } from '../../support/tlsServer';

const LIMITS = { headersMs: 5000, totalMs: 5000, maxBytes: 1000 };
const HOST = 'gateway.example';
const BASIC = `Basic ${Buffer.from('ada:l0ve:lace').toString('base64')}`;

interface ProxyServer {
  readonly url: string;
  readonly asked: { readonly line: string; readonly authorization: string | undefined }[];
}

const servers: Server[] = [];
const sockets = new Set<Socket>();
afterEach(() => {
  for (const socket of sockets) socket.destroy();
  for (const server of servers.splice(0)) server.close();
});

/** A proxy on loopback that leads every name to one port of loopback. `status` in place of that. */
async function startProxy(port: number, status?: number): Promise<ProxyServer> {
  const asked: ProxyServer['asked'] = [];
  const heard = ({ method = '', url = '', headers }: IncomingMessage): void =>
    void asked.push({ line: `${method} ${url}`, authorization: headers['proxy-authorization'] });
  const server = createServer((incoming, response) => {
    heard(incoming);
    if (status !== undefined) return void response.writeHead(status).end();
    request({ port, host: '127.0.0.1', path: new URL(incoming.url ?? '').pathname, headers: incoming.headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 0);
      answer.pipe(response);
    }).end();
  });
  server.on('connect', (incoming: IncomingMessage, socket: Socket) => {
    heard(incoming);
    if (status !== undefined) return void socket.end(`HTTP/1.1 ${status} No\r\n\r\n`);
    const onward = connect(port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      onward.pipe(socket).pipe(onward);
    });
    onward.on('error', () => socket.destroy());
    socket.on('error', () => onward.destroy());
  });
  server.on('connection', (socket: Socket) => sockets.add(socket));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  servers.push(server);
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

const through = (url: string, authorization?: string) => ({
  proxy: { url, ...(authorization !== undefined && { authorization }) },
});
const isProxyError =
  (text: RegExp) =>
  (error: unknown): boolean => {
    assert.ok(IpfsKitError.is(error, 'proxy'), String(error));
    assert.match(error.message, text);
    assert.ok(!error.message.includes('l0ve') && !error.message.includes(BASIC), error.message);
    return true;
  };

describe('a request through a proxy', async () => {
  const mine = selfSigned(HOST);
  const server = await tlsServer(mine, '{}');
  after(() => server.close());

  it('is verified for the host itself, which the proxy cannot read, and gives the proxy its credentials', async () => {
    const { url, asked } = await startProxy(server.port);
    const answer = await tlsRequest(
      `https://${HOST}/pins`,
      { ...LIMITS, authorization: 'Bearer s3cret', way: through(url, BASIC) },
      [mine.cert],
    );
    assert.equal(answer.status, 200);
    assert.deepEqual(asked, [{ line: `CONNECT ${HOST}:443`, authorization: BASIC }]);
    const { name, text = '' } = server.requests.at(-1) ?? {};
    assert.equal(name, HOST);
    assert.match(text, /^GET \/pins HTTP\/1\.1\r\n/);
    assert.match(text, /authorization: Bearer s3cret/i);
    assert.doesNotMatch(text, /proxy-authorization/i);
  });

  it("is not made where the certificate is for another host, or isn't trusted", async () => {
    const { url } = await startProxy(server.port);
    const before = server.requests.length;
    const options = { ...LIMITS, way: through(url) };
    for (const [at, trusted] of [
      ['other.example', [mine.cert]],
      [HOST, undefined],
    ] as const)
      await assert.rejects(tlsRequest(`https://${at}/`, options, trusted), (error) => IpfsKitError.is(error, 'certificate'));
    assert.equal(server.requests.length, before);
  });

  it('of a URL without TLS is forwarded', async () => {
    const plain = createServer(({ url = '', headers: { host } }, response) => response.end(`${host ?? ''}${url}`));
    await once(plain.listen(0, '127.0.0.1'), 'listening');
    servers.push(plain);
    const { url, asked } = await startProxy((plain.address() as AddressInfo).port);
    const { body } = await tlsRequest(`http://${HOST}:8080/ipfs/x`, { ...LIMITS, way: through(url, BASIC) });
    assert.equal(Buffer.from(body).toString(), `${HOST}:8080/ipfs/x`);
    assert.deepEqual(asked, [{ line: `GET http://${HOST}:8080/ipfs/x`, authorization: BASIC }]);
  });

  it('says what the proxy has against it, without its credentials', async () => {
    for (const scheme of ['http', 'https']) {
      const ask = (way: ReturnType<typeof through>) => tlsRequest(`${scheme}://${HOST}/`, { ...LIMITS, way }, [mine.cert]);
      const refusing = await startProxy(1, 407);
      await assert.rejects(
        ask(through(refusing.url, BASIC)),
        isProxyError(/requires a user name and password \(HTTP 407\).*http\.proxyAuthorization\.$/),
      );
      await assert.rejects(
        ask(through('http://127.0.0.1:1', BASIC)),
        isProxyError(/127\.0\.0\.1:1, on the way to gateway\.example.*can't be reached/),
      );
      await assert.rejects(ask(through('socks5://127.0.0.1:1')), isProxyError(/isn't an HTTP proxy/));
    }
    const { url } = await startProxy(1);
    await assert.rejects(tlsRequest(`https://${HOST}/`, { ...LIMITS, way: through(url) }), isProxyError(/closed the connection/));
    const forbidding = await startProxy(1, 403);
    await assert.rejects(
      tlsRequest(`https://${HOST}/`, { ...LIMITS, way: through(forbidding.url) }),
      isProxyError(/\(HTTP 403\)/),
    );
  });

  it('says that it is the proxy whose certificate is not trusted, and names the variable that the proxy is from', async () => {
    const way = wayTo('http://gw.example', { environment: { HTTPS_PROXY: `https://127.0.0.1:${server.port}`, NO_PROXY: 'x' } });
    const isOfProxy = isProxyError(
      /^The proxy https:\/\/127.*: its certificate is self-signed \(.*\)\. Correct HTTPS_PROXY, or exempt the host in NO_PROXY\.$/,
    );
    await assert.rejects(tlsRequest('http://gw.example', { ...LIMITS, way }), isOfProxy);
  });

  it('does not advise to do without TLS beyond this machine', async () => {
    const plain = createTcpServer((socket) => socket.on('error', () => undefined).end('no TLS at all, but some other text\n'));
    await once(plain.listen(0, '127.0.0.1'), 'listening');
    const { url } = await startProxy((plain.address() as AddressInfo).port);
    await assert.rejects(tlsRequest(`https://${HOST}/`, { ...LIMITS, way: through(url) }), (error: Error) => {
      assert.match(error.message, /not over TLS/);
      assert.doesNotMatch(error.message, /http:\/\//);
      return true;
    });
    plain.close();
  });

  it('ends in time, and when it is canceled, also while the proxy says nothing', async () => {
    const silent = createServer();
    silent.on('connect', () => undefined);
    silent.on('connection', (socket: Socket) => sockets.add(socket));
    await once(silent.listen(0, '127.0.0.1'), 'listening');
    servers.push(silent);
    const way = through(`http://127.0.0.1:${(silent.address() as AddressInfo).port}`);
    const ask = (signal?: AbortSignal) =>
      tlsRequest(`https://${HOST}/`, { ...LIMITS, headersMs: 100, way, ...(signal && { signal }) });
    await assert.rejects(ask(), isProxyError(/didn't respond within 0\.1 s/));
    await assert.rejects(ask(AbortSignal.timeout(20)), (error) => IpfsKitError.is(error, 'cancelled'));
  });
});

describe('the proxy for an address', () => {
  const chosen = (url: string, settings: Partial<ProxySettings>): string | undefined =>
    proxyFor(url, { environment: {}, ...settings })?.url;
  const everything: ProxySettings = {
    proxy: 'http://proxy.example:3128',
    environment: { HTTPS_PROXY: 'http://env.example:1', HTTP_PROXY: 'http://env.example:2' },
  };

  it("isn't used for this machine, in any notation", () => {
    for (const host of [
      'localhost',
      'LOCALHOST.',
      'bafy.ipfs.localhost',
      '127.0.0.1',
      '127.1',
      '127.9.8.7',
      '0.0.0.0',
      '[::1]',
      '[::]',
      '[::ffff:127.0.0.1]',
      '[0:0:0:0:0:0:0:1]',
    ])
      for (const scheme of ['http', 'https']) assert.equal(proxyFor(`${scheme}://${host}:5001`, everything), undefined, host);
  });

  it('is that of the settings, else that of the environment', () => {
    assert.equal(chosen('https://a.example', everything), 'http://proxy.example:3128');
    assert.equal(chosen('https://a.example', { ...everything, proxy: '' }), 'http://env.example:1');
    assert.equal(chosen('http://a.example', { environment: { http_proxy: 'http://env.example:2' } }), 'http://env.example:2');
    assert.equal(chosen('https://a.example', { environment: {} }), undefined);
    assert.equal(chosen('https://a.example', { ...everything, proxySupport: 'off' }), undefined);
    assert.equal(chosen('https://a.example', { ...everything, proxy: 'no url' }), 'http://env.example:1');
    assert.notEqual(chosen('http://[::ffff:7f0:1]', everything), undefined, 'that is 7.240.0.1');
  });

  it('need not have a scheme', () => {
    for (const proxy of ['127.0.0.1:3128', '//127.0.0.1:3128', ' http://127.0.0.1:3128 '])
      assert.equal(chosen('https://a.example', { ...everything, proxy }), 'http://127.0.0.1:3128', proxy);
    const proxy = 'ada:l0ve%3Alace@p.example:3128';
    const found = { url: 'http://p.example:3128', authorization: BASIC };
    assert.deepEqual(proxyFor('https://a.example', { proxy, environment: {} }), found);
    assert.equal(chosen('https://a.example', { environment: { HTTPS_PROXY: 'p.example:3128' } }), 'http://p.example:3128');
    assert.equal(chosen('https://a.example', { proxy: 'socks5://p.example:1' }), 'socks5://p.example:1');
  });

  it("isn't used for exempt hosts: by the settings, or else by the environment", () => {
    const noProxy = [
      ...['.corp.example', 'one.example', 'ports.example:8443', '*.star.example', 'dot.example.', '10.0.0.0/8', '10.0.0.0/99'],
      ...['2001:db8:0::1', '[2001:db8::2]', '[2001:db8::3]:8443', '2001:db8:1::/48', '192.0.2.7', '5'],
    ];
    for (const [url, isProxied] of [
      ['https://corp.example', false],
      ['https://deep.corp.example', false],
      ['https://notcorp.example', true],
      ['https://ONE.example', false],
      ['https://ports.example', true],
      ['https://ports.example:8443', false],
      ['https://a.star.example', false],
      ['https://superstar.example', true],
      ['https://dot.example', false],
      ['https://one.example.', false],
      ['https://10.1.2.3:1', false],
      ['https://11.1.2.3', true],
      ['https://[2001:db8::1]:1', false],
      ['https://[2001:db8::2]', false],
      ['https://[2001:db8::3]', true],
      ['https://[2001:db8::3]:8443', false],
      ['https://[2001:db8:1::9]', false],
      ['https://[2001:db8::4]', true],
      ['https://192.0.2.7', false],
      ['https://192.0.2.5', true],
    ] as const)
      assert.equal(chosen(url, { ...everything, noProxy }) !== undefined, isProxied, url);
    const environment = { ...everything.environment, NO_PROXY: 'a.example, *' };
    assert.equal(chosen('https://b.example', { ...everything, environment }), undefined);
    assert.notEqual(chosen('https://b.example', { ...everything, environment, noProxy }), undefined, 'the settings come before');
  });

  it('has its credentials beside it', () => {
    assert.deepEqual(proxyFor('https://a.example', { proxy: 'http://ada:l0ve%3Alace@p.example:3128', environment: {} }), {
      url: 'http://p.example:3128',
      authorization: BASIC,
    });
    const proxyAuthorization = 'Negotiate abc';
    const both = { proxy: 'http://ada:x@p.example', proxyAuthorization, environment: {} };
    assert.deepEqual(proxyFor('https://a.example', both), { url: 'http://p.example', authorization: proxyAuthorization });
  });
});

describe('credentials for a proxy that no header can have', () => {
  it('are reported, and nothing is sent; a line break at the end is removed', async () => {
    const { url, asked } = await startProxy(1);
    const wayWith = (proxyAuthorization: string, at: string) => wayTo(at, { proxy: url, proxyAuthorization, environment: {} });
    for (const bad of ['Basic abc\nx: y', 'Basic пароль', 'a\0'])
      for (const at of ['https://gw.example', 'http://gw.example'])
        await assert.rejects(
          tlsRequest(at, { ...LIMITS, way: wayWith(bad, at) }),
          isProxyError(/Correct http\.proxyAuthorization\.$/),
        );
    assert.deepEqual(asked, []);
    assert.deepEqual(wayWith('Basic abc\n', 'https://gw.example'), {
      certificate: undefined,
      proxy: { url, authorization: 'Basic abc' },
    });
    // However they got there: no event of a socket may throw.
    const way = { proxy: { url, authorization: 'a\nb' } };
    await assert.rejects(tlsRequest('https://gw.example', { ...LIMITS, way }), isProxyError(/can't be asked/));
  });
});

describe('the way to an address', () => {
  it('has the certificate of the scheme, host and port, absolute', () => {
    const certificates = { 'https://127.0.0.1:9094/': ' /x/cert.pem ', 'https://other.example': 7, 'no url': '/y' };
    const to = (url: string) => wayTo(url, { certificates, environment: {} });
    assert.deepEqual(to('https://127.0.0.1:9094/api'), { certificate: '/x/cert.pem', proxy: undefined });
    for (const url of ['https://127.0.0.1:9095', 'http://127.0.0.1:9094', 'https://other.example', 'rubbish'])
      assert.equal(to(url), undefined, url);
  });
});
