import path from 'node:path';
import { accessOf } from '../daemonClient/kuboRepository';
import { DEFAULT_CLUSTER_URL } from '../defaults';
import { readRegularFile } from '../pinStore/regularFile';

/** Some 4 kB as it is made. */
const MOST_CONFIG_BYTES = 2 ** 18;
/** It listens on all interfaces: then on this one, too. */
const ANY: Readonly<Record<string, string>> = { '/ip4/0.0.0.0/': '/ip4/127.0.0.1/', '/ip6/::/': '/ip6/::1/' };

/** Where the REST API of the cluster peer of this machine listens, by its own `service.json`; the usual address where that does not say. */
export function clusterAddress(folder: string): string {
  for (const multiaddr of listenedOn(folder)) {
    const mine = multiaddr.replace(/^\/ip[46]\/[^/]+\//, (interfaces) => ANY[interfaces] ?? interfaces);
    const found = accessOf(mine);
    if (found && found.socketPath === undefined) return found.url;
  }
  return DEFAULT_CLUSTER_URL;
}

/** `api.restapi.http_listen_multiaddress`: one, or several. */
function listenedOn(folder: string): readonly string[] {
  try {
    const text = readRegularFile(path.join(folder, 'service.json'), MOST_CONFIG_BYTES).toString('utf8');
    const { api } = Object(JSON.parse(text)) as Readonly<Record<string, unknown>>;
    const { restapi } = Object(api) as Readonly<Record<string, unknown>>;
    const { http_listen_multiaddress: listened } = Object(restapi) as Readonly<Record<string, unknown>>;
    return [listened].flat().filter((each): each is string => typeof each === 'string' && each.length < 200);
  } catch {
    return [];
  }
}
