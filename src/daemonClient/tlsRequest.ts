import { isIP, Socket } from 'node:net';
import type { SecureContext } from 'node:tls';
import { checkServerIdentity, connect, createSecureContext, rootCertificates } from 'node:tls';
import { IpfsKitError } from '../base/ipfsKitError';
import type { HttpAnswer, Peer, RequestOptions } from './http';
import { httpRequest, peerOf } from './http';
import { openTunnel, proxyError, refusalOfProxy } from './proxyTunnel';
import { asTlsFault, certificateFault, certificatesIn, derOf } from './trustedCertificates';
import type { Proxy, Way } from './proxyAndCertificate';

/** The certificates that are parsed between two turns of the thread: one takes half a millisecond, all of them 40 to 120 (measured). */
const AT_ONCE = 8;

export type TlsRequestOptions = Omit<RequestOptions, 'secure' | 'forwarder'> & { readonly way?: Way | undefined };

type Opener = (to: Peer, over?: Socket) => Socket;

/** A certificate that is trusted itself doesn't need a trusted issuer (Node 20.18 and newer). */
const CONTEXT = { minVersion: 'TLSv1.2', allowPartialTrustChain: true } as const;

/** The context with the certificates that come with Node, for all requests of this thread. */
let bundled: Promise<SecureContext> | undefined;

/**
 * As httpRequest, but also for https: and through proxies. The server of an https: URL is always verified, also behind a proxy: by the certificates of the file
 * that the way names, else by `trusted`, PEM (those that come with Node), and by nothing else. NODE_TLS_REJECT_UNAUTHORIZED, NODE_EXTRA_CA_CERTS, SSL_CERT_FILE
 * and NODE_OPTIONS neither waive that nor add trust. The certificate in the file doesn't need to match the host name: a person chose it for the address, and
 * those that daemons make for themselves rarely match. Rejects as httpRequest does, and with `certificate` and `proxy` where those are at fault.
 */
export async function tlsRequest(
  url: string,
  { way: { certificate, certificateNamedIn, proxy } = {}, ...options }: TlsRequestOptions,
  trusted: readonly string[] = rootCertificates,
): Promise<HttpAnswer> {
  const peer = peerOf(url);
  if (!peer || !(peer.isSecure || proxy)) return httpRequest(url, options);
  const secure = peer.isSecure
    ? await (certificate === undefined ? opener(trusted) : opener(certificatesIn(certificate, certificateNamedIn), true))
    : undefined;
  try {
    if (!proxy) return await httpRequest(url, { ...options, secure });
    return await throughProxy(url, peer, { ...options, secure }, proxy);
  } catch (error) {
    throw peer.isSecure ? asTlsFault(url, error, certificate) : error;
  }
}

async function throughProxy(
  url: string,
  peer: Peer,
  options: Omit<RequestOptions, 'secure'> & { readonly secure: Opener | undefined },
  proxy: Proxy,
): Promise<HttpAnswer> {
  const at = peerOf(proxy.url);
  if (!at) throw proxyError(proxy, peer.name, "isn't an HTTP proxy; others aren't supported");
  if (proxy.problem !== undefined) throw new IpfsKitError('proxy', `The proxy ${proxy.url} wasn't asked: ${proxy.problem}`);
  const toProxy = at.isSecure ? await opener(rootCertificates) : undefined;
  const open = (): Socket => toProxy?.(at) ?? new Socket().connect(at.port, at.address);
  const { secure, headersMs, totalMs, signal } = options;
  if (secure) {
    const began = performance.now();
    const tunnel = await openTunnel(proxy, peer, { connection: open(), isSecure: at.isSecure, totalMs: headersMs, signal });
    const left = (ms: number): number => Math.max(1, Math.round(ms - (performance.now() - began)));
    const within = { headersMs: left(headersMs), totalMs: left(totalMs) };
    return httpRequest(url, { ...options, ...within, secure: (to) => secure(to, tunnel) });
  }
  try {
    const answer = await httpRequest(url, { ...options, forwarder: { ...proxy, isSecure: at.isSecure, open } });
    if (answer.status !== 407) return answer;
    throw proxyError(proxy, peer.name, refusalOfProxy(answer.status));
  } catch (error) {
    if (IpfsKitError.is(error, 'refused')) throw proxyError(proxy, peer.name, "can't be reached");
    const fault = at.isSecure ? certificateFault(error) : undefined; // The events of the single TLS connection.
    throw fault === undefined ? error : proxyError(proxy, peer.name, `isn't trusted: its certificate ${fault}`);
  }
}

/**
 * Opens a connection that trusts these certificates, PEM: to the server itself, or over a connection that leads to it. A certificate that was chosen for the
 * address is accepted regardless of its name.
 */
async function opener(trusted: readonly string[], areChosen = false): Promise<Opener> {
  const secureContext = await (trusted === rootCertificates ? (bundled ??= contextOf(trusted)) : contextOf(trusted));
  const chosen = areChosen ? trusted.map(derOf) : [];
  return ({ name, address, port }, over) =>
    connect({
      socket: over,
      host: address,
      port,
      servername: isIP(name) === 0 ? name.replace(/\.$/, '') : '', // The server name is never an address, and never ends in a dot (RFC 6066, 3).
      rejectUnauthorized: true,
      secureContext,
      // Node uses the context; but without `ca`, VS Code adds the certificates of the system to it (@vscode/proxy-agent, patchTlsConnect).
      ca: [...trusted],
      // Called once the chain has been verified. Without a TLS server name, Node would use the host of the socket.
      checkServerIdentity: (_, certificate) =>
        chosen.some((each) => each.equals(certificate.raw))
          ? undefined
          : checkServerIdentity(name.replace(/\.$/, ''), certificate),
    });
}

/** Built in steps, since building it at once would hold up the editor. Node types `context` as any; createSecureContext itself calls this method on it. */
async function contextOf(trusted: readonly string[]): Promise<SecureContext> {
  const secureContext = createSecureContext({ ca: [], ...CONTEXT });
  const { addCACert } = secureContext.context as { readonly addCACert?: (pem: string) => void };
  if (!addCACert) return createSecureContext({ ca: [...trusted], ...CONTEXT });
  for (const [at, certificate] of trusted.entries()) {
    addCACert.call(secureContext.context, certificate);
    if (at % AT_ONCE === AT_ONCE - 1) await new Promise((resolve) => setImmediate(resolve));
  }
  return secureContext;
}
