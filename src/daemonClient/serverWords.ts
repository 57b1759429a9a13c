import { because, sentences } from '../base/causes';
import { safeText } from '../base/safeText';
import type { RpcAccess } from './rpcAddress';

/** What servers say instead of "not now": too early, too many, or an error of their own while they live. */
export const BUSY_STATUS: ReadonlySet<number> = new Set([408, 425, 429, 500, 502, 503, 504]);

/** Of what a server says, as much as a message shows. */
const MOST_TOLD = 300;
/** What is shorter is no secret, and would be found in any text. */
const SHORTEST_SECRET = 3;
/** `http://user:password@`, whatever the password is made of. */
const IN_URL = /\b([a-z][a-z\d+.-]*:\/\/)[^\s"'<>]*@/gi;

/** What was sent along with a question, and may come back in the answer. */
type Sent = Pick<RpcAccess, 'authorization' | 'way'>;

/**
 * Text of a server's for a message: one line, at most 300 characters, without what was sent to it to be let in (servers and proxies repeat headers in
 * their errors), and without the credentials in addresses. Messages are shown, logged and copied into bug reports. Empty for what is no text.
 */
export function told(text: unknown, sent: Sent = {}): string {
  if (typeof text !== 'string') return '';
  const hidden = secretsOf(sent).reduce((rest, secret) => rest.replaceAll(secret, '…'), text.trim());
  return safeText(hidden.replace(IN_URL, '$1…@'), MOST_TOLD);
}

/** The longest first: each header, its value without the scheme, and the user name and password in there; as they are, in JSON, and in a URL. */
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

/** What happened, with the server's own words for it where there are any; a sentence. */
export function saying(what: string, why: string): string {
  return why === '' ? sentences(what) : because(what, why);
}

/**
 * What a server says of an error, as `told` gives it: Kubo's `Message`, Cluster's `message`, a pinning service's `error.reason`, or plain text; a page in
 * HTML says nothing.
 */
export function messageIn(body: Uint8Array, sent: Sent): string {
  const text = Buffer.from(body.buffer, body.byteOffset, Math.min(body.length, 4096)).toString();
  try {
    const { Message, message, error } = Object(JSON.parse(text)) as Record<string, unknown>;
    const { details, reason } = Object(error) as Record<string, unknown>;
    return told([Message, message, details, reason].find((said) => typeof said === 'string') ?? '', sent);
  } catch {
    return /^\s*</.test(text) ? '' : told(text, sent);
  }
}
