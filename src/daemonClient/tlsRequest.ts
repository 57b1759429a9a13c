import { isIP } from 'node:net';
import type { SecureContext } from 'node:tls';
import { connect, createSecureContext, rootCertificates } from 'node:tls';
import type { HttpAnswer, RequestOptions } from './http';
import { httpRequest } from './http';

/** Certificates between two turns of the thread: one costs half a millisecond, all of them 40 to 120 (measured). */
const AT_ONCE = 8;

/** Of what Node brings along, for all requests of this thread. */
let bundled: Promise<SecureContext> | undefined;

/**
 * As httpRequest, for https: too. Who answers there is always verified, by the certificates of `trusted`, PEM: those that Node brings along by default,
 * and by nothing else. NODE_TLS_REJECT_UNAUTHORIZED, NODE_EXTRA_CA_CERTS, SSL_CERT_FILE and NODE_OPTIONS neither waive that nor add trust.
 */
export async function tlsRequest(
  url: string,
  options: Omit<RequestOptions, 'secure'>,
  trusted: readonly string[] = rootCertificates,
): Promise<HttpAnswer> {
  if (!/^https:/i.test(url)) return httpRequest(url, options);
  const secureContext = await (trusted === rootCertificates ? (bundled ??= contextOf(trusted)) : contextOf(trusted));
  return httpRequest(url, {
    ...options,
    secure: ({ name, address, port }) =>
      connect({
        host: address,
        port,
        servername: isIP(name) === 0 ? name.replace(/\.$/, '') : '', // RFC 6066, 3: no address, and no dot at the end
        rejectUnauthorized: true,
        secureContext,
        // Node goes by the context; but where there is no `ca`, VS Code adds the certificates of the system to that (@vscode/proxy-agent, patchTlsConnect).
        ca: [...trusted],
      }),
  });
}

/** Built in steps, since at once it would hold up the editor. Node types `context` as anything; createSecureContext itself calls this of it. */
async function contextOf(trusted: readonly string[]): Promise<SecureContext> {
  const secureContext = createSecureContext({ ca: [], minVersion: 'TLSv1.2' });
  const { addCACert } = secureContext.context as { readonly addCACert?: (pem: string) => void };
  if (!addCACert) return createSecureContext({ ca: [...trusted], minVersion: 'TLSv1.2' });
  for (const [at, certificate] of trusted.entries()) {
    addCACert.call(secureContext.context, certificate);
    if (at % AT_ONCE === AT_ONCE - 1) await new Promise((resolve) => setImmediate(resolve));
  }
  return secureContext;
}
