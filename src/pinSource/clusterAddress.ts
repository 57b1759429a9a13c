import path from 'node:path';
import { accessOf } from '../daemonClient/kubo/kuboRepository';
import { DEFAULT_CLUSTER_URL } from '../base/settingDefaults';
import { readRegularFile } from '../base/regularFile';

/** The largest `service.json`, in bytes; a new one has about 4 kB. */
const MOST_CONFIG_BYTES = 2 ** 18;
/** The longest path or multiaddr, in characters. */
const LONGEST_NAME = 4096;
/** A server that listens on all interfaces is reached on the loopback interface. */
const ANY: Readonly<Record<string, string>> = { '/ip4/0.0.0.0/': '/ip4/127.0.0.1/', '/ip6/::/': '/ip6/::1/' };

export interface OwnCluster {
  readonly url: string;
  /** Absolute path of the PEM file with its TLS certificate; left out without TLS. */
  readonly certificate?: string;
}

/** The URL of the REST API of this machine's cluster peer, from its `service.json` in `folder`; the default URL where that names none. */
export function clusterAddress(folder: string): string {
  return ownCluster(folder).url;
}

/** As clusterAddress, with the TLS certificate. It comes from the peer's own configuration, so that only this certificate is trusted. */
export function ownCluster(folder: string): OwnCluster {
  const { http_listen_multiaddress: listened, ssl_cert_file: certificate, ssl_key_file: key } = restApiIn(folder);
  const url = urlIn([listened].flat()) ?? DEFAULT_CLUSTER_URL;
  if (!isName(certificate) || !isName(key)) return { url };
  // Relative to the folder (ipfs-cluster, api/common/config.go, newTLSConfig).
  return { url: url.replace(/^http:/, 'https:'), certificate: path.resolve(folder, certificate) };
}

/** The URL of the first multiaddr that leads to this machine. */
function urlIn(listened: readonly unknown[]): string | undefined {
  for (const multiaddr of listened.filter(isName)) {
    const mine = multiaddr.replace(/^\/ip[46]\/[^/]+\//, (interfaces) => ANY[interfaces] ?? interfaces);
    const found = accessOf(mine);
    if (found && found.socketPath === undefined) return found.url;
  }
  return undefined;
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= LONGEST_NAME;
}

/** The object `api.restapi` of `service.json`; empty where that can't be read. */
function restApiIn(folder: string): Readonly<Record<string, unknown>> {
  try {
    const text = readRegularFile(path.join(folder, 'service.json'), MOST_CONFIG_BYTES).toString('utf8');
    const { api } = Object(JSON.parse(text)) as Readonly<Record<string, unknown>>;
    const { restapi } = Object(api) as Readonly<Record<string, unknown>>;
    return Object(restapi) as Readonly<Record<string, unknown>>;
  } catch {
    return {};
  }
}
