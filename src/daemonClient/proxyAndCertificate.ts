import { BlockList, isIP } from 'node:net';
import { expandHome } from '../base/homePath';
import type { ProxySettings, WaySettings } from '../base/settingTypes';
import { isHeaderValue } from './headerValue';
import { isThisMachine } from './loopback';

/** How an address is reached. It can be sent to threads as it is. */
export interface Way {
  /** A PEM file, absolute: over TLS, its certificates are trusted at this address, and no others. */
  readonly certificate?: string | undefined;
  /** The file, absolute, that names the certificate, for the next step; undefined where `ipfsKit.tls.certificates` does. */
  readonly certificateNamedIn?: string | undefined;
  readonly proxy?: Proxy | undefined;
}

/** How an address is reached, where that isn't directly and by the certificates that come with Node. */
export type WayTo = (url: string) => Way | undefined;

export interface Proxy {
  /** `http://proxy.example:3128`, without credentials. Also set for an unsupported scheme, with which nothing is sent. */
  readonly url: string;
  /** The value of the header `Proxy-Authorization`. Never logged, never in a message. */
  readonly authorization?: string | undefined;
  /** Why nothing can be sent there, and the next step: sentences. */
  readonly problem?: string;
  /** The environment variable that names the proxy; undefined where `http.proxy` does. */
  readonly variable?: string;
}

/** The way to each address by the current settings; directly where there are none. */
export function usualWay(settings: (() => WaySettings) | undefined): WayTo {
  return (url) => settings && wayTo(url, settings());
}

/** Undefined where the text isn't a URL, or the address is reached directly and by the certificates that come with Node. */
export function wayTo(url: string, settings: WaySettings): Way | undefined {
  if (!URL.canParse(url)) return undefined;
  const { origin } = new URL(url);
  const named = Object.entries(Object(settings.certificates) as Readonly<Record<string, unknown>>).find(
    ([at]) => URL.canParse(at) && new URL(at).origin === origin,
  )?.[1];
  const proxy = proxyFor(url, settings);
  const certificate = typeof named === 'string' && named.trim() !== '' ? expandHome(named.trim()) : undefined;
  if (certificate === undefined && !proxy) return undefined;
  return { certificate, proxy };
}

/**
 * The proxy for a URL, in the order of VS Code (@vscode/proxy-agent, useProxySettings): none for this machine; none for what `http.noProxy` names, or NO_PROXY
 * where that is empty; then `http.proxy`, then HTTPS_PROXY, HTTP_PROXY. The proxy settings of the system and PAC files aren't known here.
 */
export function proxyFor(url: string, settings: ProxySettings): Proxy | undefined {
  const { proxySupport, noProxy, proxy, proxyAuthorization, environment } = settings;
  if (proxySupport === 'off' || isThisMachine(new URL(url).hostname)) return undefined;
  const listed = textsIn(noProxy);
  const exempt = listed.length > 0 ? listed : (environment['no_proxy'] ?? environment['NO_PROXY'] ?? '').split(/[\s,]+/);
  if (isExempt(new URL(url), exempt)) return undefined;
  const set = proxyUrl(proxy);
  if (set) return proxyAt(set, proxyAuthorization);
  for (const variable of ['https_proxy', 'HTTPS_PROXY', 'http_proxy', 'HTTP_PROXY']) {
    const named = proxyUrl(environment[variable]);
    if (named) return { ...proxyAt(named, proxyAuthorization), variable };
  }
  return undefined;
}

/** The URL of a proxy. An address without a scheme is accepted, as in VS Code and curl: `127.0.0.1:3128`, `user:password@proxy.example:3128`. */
function proxyUrl(text: unknown): URL | undefined {
  if (typeof text !== 'string' || text.trim() === '') return undefined;
  const url = /^(?:[a-z][a-z\d+.-]*:)?[/\\]{2}/i.test(text.trim())
    ? text.trim().replace(/^[/\\]/, 'http:$&')
    : `http://${text.trim()}`;
  return URL.canParse(url) ? new URL(url) : undefined;
}

/**
 * `example.com`, `.example.com` and `*.example.com` also match hosts below, `example.com:8443` and `[2001:db8::1]:8443` match one port, `10.0.0.0/8` matches a
 * range of addresses, `*` matches everything. A dot at the end is ignored.
 */
function isExempt({ hostname, protocol, port }: URL, names: readonly string[]): boolean {
  const at = port === '' ? (protocol === 'https:' ? '443' : '80') : port;
  const host = hostname.replace(/^\[|\]$|\.$/g, '');
  return names.some((each) => {
    const text = each.trim().toLowerCase();
    const [, written = '', only] = isIP(text) === 6 ? ['', text] : (/^(.*?)(?::(\d+))?$/.exec(text) ?? []);
    const name = written.replace(/^\[|\]$|\.$/g, '').replace(/^\*(?=\.)/, '');
    if (name === '' || (only !== undefined && only !== at)) return false;
    if (isIP(host) !== 0) return name === '*' || isWithin(host, name);
    return name === '*' || `.${host}`.endsWith(name.startsWith('.') ? name : `.${name}`);
  });
}

/** Whether an address is within a range (`10.0.0.0/8`), or equal to an address. */
function isWithin(address: string, range: string): boolean {
  const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
  const [net = '', prefix = family === 'ipv6' ? '128' : '32'] = range.split('/', 2);
  const addresses = new BlockList();
  try {
    addresses.addSubnet(net, Number(prefix), family);
  } catch {
    return false; // The range is of the other address family, or invalid.
  }
  return addresses.check(address, family);
}

const UNSENDABLE =
  "http.proxyAuthorization contains characters that can't be sent in a header, such as a line break or Cyrillic letters. Correct http.proxyAuthorization.";

function proxyAt({ protocol, host, username, password }: URL, given: unknown): Proxy {
  const credentials = [username, password].map((part) => decoded(part)).join(':');
  const url = `${protocol}//${host}`;
  const set = typeof given === 'string' ? given.trim() : '';
  const authorization = set !== '' ? set : `Basic ${Buffer.from(credentials).toString('base64')}`;
  if (!isHeaderValue(authorization)) return { url, problem: UNSENDABLE };
  return { url, authorization: set !== '' || credentials !== ':' ? authorization : undefined };
}

/** Text that isn't valid percent-encoding stays as it is. */
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
