import { because, sentences } from '../base/causes';
import { safeText } from '../base/safeText';
import type { RpcAccess } from './rpcAccess';

/** The HTTP statuses that mean "not now": too early, too many requests, or an error of a server that is alive. */
export const BUSY_STATUS: ReadonlySet<number> = new Set([408, 425, 429, 500, 502, 503, 504]);

/** The most characters of a server's text that a message shows. */
const MOST_SHOWN = 300;
/** A shorter text isn't a secret, and would occur in any text. */
const SHORTEST_SECRET = 3;
/** `http://user:password@`, with any characters in the password. */
const IN_URL = /\b([a-z][a-z\d+.-]*:\/\/)[^\s"'<>]*@/gi;

/** What was sent with a request, and may be repeated in the response. */
type Sent = Pick<RpcAccess, 'authorization' | 'way'>;

/**
 * A server's text for a message: one line, at most 300 characters, without the credentials that were sent (servers and proxies repeat headers in their errors),
 * and without those in addresses. Messages are shown, logged and copied into bug reports. Empty for a value that isn't text.
 */
export function serverText(text: unknown, sent: Sent = {}): string {
  if (typeof text !== 'string') return '';
  const hidden = secretsOf(sent).reduce((rest, secret) => rest.replaceAll(secret, '…'), text.trim());
  return safeText(hidden.replace(IN_URL, '$1…@'), MOST_SHOWN);
}

/**
 * The secrets to remove, the longest first: each header, its value without the scheme, and the user name and password in it; as they are, in JSON, and in a
 * URL.
 */
function secretsOf({ authorization, way }: Sent): readonly string[] {
  const headers = [authorization, way?.proxy?.authorization].filter((header) => header !== undefined);
  const plain = headers.flatMap((header) => {
    const [, scheme = '', bare = header] = /^(\S+)\s+(.+)$/s.exec(header) ?? [];
    const pair = /^basic$/i.test(scheme) ? Buffer.from(bare, 'base64').toString() : '';
    const colon = pair.indexOf(':');
    return [header, bare, pair, ...(colon < 0 ? [] : [pair.slice(0, colon), pair.slice(colon + 1)])];
  });
  return plain
    .filter((secret) => secret.length >= SHORTEST_SECRET)
    .flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(Buffer.from(secret).toString())])
    .sort((a, b) => b.length - a.length);
}

/** A sentence with what happened, and the server's own words for it where it sent any. */
export function saying(what: string, why: string): string {
  return why === '' ? sentences(what) : because(what, why);
}

/**
 * A server's description of an error, as `serverText` returns it: Kubo's `Message`, Cluster's `message`, a pinning service's `error.reason`, or plain text. Empty for
 * an HTML page.
 */
export function messageIn(body: Uint8Array, sent: Sent): string {
  const text = Buffer.from(body.buffer, body.byteOffset, Math.min(body.length, 4096)).toString();
  try {
    const { Message, message, error } = Object(JSON.parse(text)) as Record<string, unknown>;
    const { details, reason } = Object(error) as Record<string, unknown>;
    return serverText([Message, message, details, reason].find((said) => typeof said === 'string') ?? '', sent);
  } catch {
    return /^\s*</.test(text) ? '' : serverText(text, sent);
  }
}
