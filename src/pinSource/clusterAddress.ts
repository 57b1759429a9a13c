import path from 'node:path';
import { accessOf } from '../daemonClient/kubo/kuboRepository';
import { DEFAULT_CLUSTER_URL } from '../base/defaults';
import { readRegularFile } from '../base/regularFile';

/** Some 4 kB as it is made. */
const MOST_CONFIG_BYTES = 2 ** 18;
/** Of a path or a multiaddr, in characters. */
const LONGEST_NAME = 4096;
/** It listens on all interfaces: then on this one, too. */
const ANY: Readonly<Record<string, string>> = { '/ip4/0.0.0.0/': '/ip4/127.0.0.1/', '/ip6/::/': '/ip6/::1/' };

export interface OwnCluster {
  readonly url: string;
  /** The PEM file of the certificate that it answers with, absolute, where it speaks TLS. */
  readonly certificate?: string;
}

/** Where the REST API of the cluster peer of this machine listens, by its own `service.json`; the usual address where that does not say. */
export function clusterAddress(folder: string): string {
  return ownCluster(folder).url;
}

/** As clusterAddress, with what is trusted there. The file is that of the peer itself, so that no other certificate is. */
export function ownCluster(folder: string): OwnCluster {
  const { http_listen_multiaddress: listened, ssl_cert_file: certificate, ssl_key_file: key } = restApiIn(folder);
  const url = urlIn([listened].flat()) ?? DEFAULT_CLUSTER_URL;
  if (!isName(certificate) || !isName(key)) return { url };
  // Relative to the folder (ipfs-cluster, api/common/config.go, newTLSConfig).
  return { url: url.replace(/^http:/, 'https:'), certificate: path.resolve(folder, certificate) };
}

/** The first of several multiaddrs that leads to this machine. */
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

/** `api.restapi`. */
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
