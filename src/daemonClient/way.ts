import { expandHome } from '../homePath';
import { isLocalhost, isLoopback } from './loopback';

/** How an address is reached. Crosses into threads as it is. */
export interface Way {
  /** A PEM file, absolute: over TLS, its certificates are trusted at this address, and no others. */
  readonly certificate?: string | undefined;
  readonly proxy?: Proxy | undefined;
}

/** How an address is reached, if not directly and by the certificates that Node brings along. */
export type WayTo = (url: string) => Way | undefined;

export interface Proxy {
  /** `http://proxy.example:3128`, without credentials. Of a scheme that isn't supported, too: then nothing is sent. */
  readonly url: string;
  /** The value of the header `Proxy-Authorization`. Never logged, never in a message. */
  readonly authorization?: string;
}

/** Settings as they are, unchecked. */
export interface WaySettings extends ProxySettings {
  /** PEM files by address, of which the scheme, host and port count. */
  readonly certificates?: unknown;
}

export interface ProxySettings {
  /** Of `http.proxy`, `http.noProxy`, `http.proxySupport` and `http.proxyAuthorization`, unchecked. */
  readonly proxy?: unknown;
  readonly noProxy?: unknown;
  readonly proxySupport?: unknown;
  readonly proxyAuthorization?: unknown;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** Undefined for what is no URL, and where nothing is out of the ordinary. */
export function wayTo(url: string, settings: WaySettings): Way | undefined {
  if (!URL.canParse(url)) return undefined;
  const { origin } = new URL(url);
  const named = Object.entries(Object(settings.certificates) as Readonly<Record<string, unknown>>).find(
    ([at]) => URL.canParse(at) && new URL(at).origin === origin,
  )?.[1];
  const proxy = proxyFor(url, settings);
  const certificate = typeof named === 'string' && named.trim() !== '' ? expandHome(named.trim()) : undefined;
  if (certificate === undefined && !proxy) return undefined;
  return { ...(certificate !== undefined && { certificate }), ...(proxy && { proxy }) };
}

/**
 * The proxy for a URL, in the order of VS Code (@vscode/proxy-agent, useProxySettings): none for this machine; none for what `http.noProxy` names, or
 * NO_PROXY where that is empty; then `http.proxy`, then HTTPS_PROXY, HTTP_PROXY. What the system or a PAC file says is not known here.
 */
export function proxyFor(url: string, settings: ProxySettings): Proxy | undefined {
  const { proxySupport, noProxy, proxy, proxyAuthorization, environment } = settings;
  if (proxySupport === 'off' || isHere(new URL(url).hostname)) return undefined;
  const set = textsIn(noProxy);
  const exempt = set.length > 0 ? set : (environment['no_proxy'] ?? environment['NO_PROXY'] ?? '').split(',');
  if (isExempt(new URL(url), exempt)) return undefined;
  const named = ['https_proxy', 'HTTPS_PROXY', 'http_proxy', 'HTTP_PROXY'].map((name) => environment[name]);
  const chosen = [proxy, ...named].find((each): each is string => typeof each === 'string' && URL.canParse(each.trim()));
  return chosen === undefined ? undefined : proxyAt(new URL(chosen.trim()), proxyAuthorization);
}

/** This machine, by whatever spelling: 0.0.0.0 and [::] lead to it, too. */
function isHere(hostname: string): boolean {
  const address = hostname.replace(/^\[|\]$/g, '');
  return isLocalhost(address) || isLoopback(address) || address === '0.0.0.0' || address === '::' || /^::ffff:7f/i.test(address);
}

/** `example.com` and `.example.com` also name what is below, `example.com:8443` one port of it, `*` everything. */
function isExempt({ hostname, protocol, port }: URL, names: readonly string[]): boolean {
  const at = port === '' ? (protocol === 'https:' ? '443' : '80') : port;
  return names.some((each) => {
    const [, name = '', only] = /^(.*?)(?::(\d+))?$/.exec(each.trim().toLowerCase()) ?? [];
    if (name === '' || (only !== undefined && only !== at)) return false;
    return name === '*' || `.${hostname}`.endsWith(name.startsWith('.') ? name : `.${name}`);
  });
}

function proxyAt({ protocol, host, username, password }: URL, given: unknown): Proxy {
  const credentials = [username, password].map((part) => decoded(part)).join(':');
  const authorization =
    typeof given === 'string' && given !== ''
      ? given
      : credentials === ':'
        ? undefined
        : `Basic ${Buffer.from(credentials).toString('base64')}`;
  return { url: `${protocol}//${host}`, ...(authorization !== undefined && { authorization }) };
}

/** What is no percent-encoding is what it says. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

function textsIn(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((each): each is string => typeof each === 'string' && each.trim() !== '') : [];
}
