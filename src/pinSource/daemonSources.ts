import path from 'node:path';
import type { WayTo } from '../daemonClient/way';
import type { WaySettings } from '../base/settings';
import { wayTo } from '../daemonClient/way';
import type { SourceSettings } from '../base/settings';
import { createClusterSource } from './clusterSource';
import type { ExpectedPlaces } from './expectedSources';
import { clusterAddress, ownCluster } from './clusterAddress';
import { clusterFolder, hasCluster, hasKubo } from './expectedSources';
import type { TokenOf } from '../daemonClient/keptTokens';
import { createKuboSource } from './kuboSource';
import { createPinningServiceSource } from './pinningServiceSource';
import type { PinSource } from './pinSource';

export interface DaemonSourceParts extends ExpectedPlaces {
  readonly authorization: TokenOf;
  /** How addresses are reached; by default directly. */
  readonly ways?: () => WaySettings;
  /** Told what belongs into the log. */
  readonly note?: (line: string) => void;
}

/** The places that were asked for last. More are never set at once. */
const MOST_MADE = 32;

/** The sources besides ipfs_kit_py that are expected by now. A bundle of its own, loaded when there is one. */
export function createDaemonSources(parts: DaemonSourceParts): () => readonly PinSource[] {
  const { settings, repository, authorization, ways, note } = parts;
  const usualWay: WayTo = (url) => (ways ? wayTo(url, ways()) : undefined);
  const serviceFile = (): string => path.join(clusterFolder(), 'service.json');
  const cluster = createClusterSource({
    url: () => settings().clusterUrl ?? clusterAddress(clusterFolder()),
    wayTo: (url) => {
      const way = usualWay(url);
      const { certificate } = settings().clusterUrl === undefined ? ownCluster(clusterFolder()) : {};
      if (way?.certificate !== undefined || certificate === undefined) return way;
      return { ...way, certificate, certificateNamedIn: serviceFile() };
    },
    namedBy: () => (settings().clusterUrl === undefined ? serviceFile() : undefined),
    authorization,
  });
  /** One for each place: whoever is set to another one gets another list. */
  const made = new Map<string, PinSource>();
  const once = (key: string, make: () => PinSource): PinSource => {
    const source = made.get(key) ?? make();
    made.delete(key); // to the end: it was asked for last
    made.set(key, source);
    for (const [oldest] of made) {
      if (made.size <= MOST_MADE) break;
      made.delete(oldest);
    }
    return source;
  };
  const kubo = (): PinSource => {
    const options = {
      repository: repository(),
      url: settings().kuboUrl,
      authorization,
      indirect: () => settings().indirect,
      wayTo: usualWay,
      note,
    };
    return once(`kubo\n${options.repository}\n${options.url ?? ''}`, () => createKuboSource(options));
  };
  const serviceAt = ({ name, url }: SourceSettings['services'][number]): PinSource =>
    once(`service\n${name}\n${url}`, () => createPinningServiceSource({ name, url, authorization, wayTo: usualWay }));
  return () => [
    ...(hasKubo(parts) ? [kubo()] : []),
    ...(hasCluster(settings()) ? [cluster] : []),
    ...(settings().wanted.includes('services') ? settings().services.map(serviceAt) : []),
  ];
}
