import type { KeptToken, KeptTokens } from '../../daemonClient/tokenCache';
import { kuboAccess } from '../../daemonClient/kubo/kuboRepository';
import { parseKuboUrl } from '../../daemonClient/rpcUrl';
import type { Way } from '../../daemonClient/proxyAndCertificate';
import { wayTo } from '../../daemonClient/proxyAndCertificate';
import type { Settings } from '../../base/settingTypes';
import type { SourcePlaces } from '../blockSources';

/** Where content is looked for, by the settings; without tokens. */
export function contentPlaces(settings: Settings): SourcePlaces {
  const { repository, gateways } = settings.content.value();
  const { kuboUrl } = settings.sources.value();
  const ways: Record<string, Way> = {};
  for (const url of [...(kuboUrl === undefined ? [] : [kuboUrl]), ...gateways]) {
    const way = wayTo(url, settings.ways.value());
    if (way) ways[url] = way;
  }
  return { repository, kuboUrl, gateways, ways };
}

/** Adds the saved tokens of the Kubos among these sources. Takes at most 1.5 s where the secret storage doesn't respond. */
export async function withTokens(places: SourcePlaces, tokens: KeptTokens): Promise<SourcePlaces> {
  const { repository, kuboUrl } = places;
  const own = repository === undefined ? undefined : kuboAccess(repository);
  const asked = [own?.socketPath ?? own?.url, kuboUrl && placeOf(kuboUrl)].filter((place) => place !== undefined);
  const kept = await Promise.all(asked.map(async (place): Promise<[string, KeptToken]> => [place, await tokens.of(place)]));
  return { ...places, authorizations: Object.fromEntries(kept) };
}

/** The key under which Set Token saves a token; undefined for an address that is rejected anyway. */
function placeOf(url: string): string | undefined {
  try {
    return parseKuboUrl(url);
  } catch {
    return undefined;
  }
}
