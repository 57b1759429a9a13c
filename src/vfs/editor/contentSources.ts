import type { SavedToken, SavedTokens } from '../../daemonClient/tokenCache';
import { kuboAccess } from '../../daemonClient/kubo/kuboRepository';
import { parseKuboUrl } from '../../daemonClient/rpcUrl';
import type { Way } from '../../daemonClient/proxyAndCertificate';
import { wayTo } from '../../daemonClient/proxyAndCertificate';
import type { Settings } from '../../base/settingTypes';
import type { ContentSources } from '../blockSources';

/** Where content is looked for, by the settings, and in the sample where it is shown; without tokens. */
export function contentSources(settings: Settings, sample?: string): ContentSources {
  const { repository, gateways } = settings.content.value();
  const { kuboUrl } = settings.sources.value();
  const ways: Record<string, Way> = {};
  for (const url of [...(kuboUrl === undefined ? [] : [kuboUrl]), ...gateways]) {
    const way = wayTo(url, settings.ways.value());
    if (way) ways[url] = way;
  }
  return { sample, repository, kuboUrl, gateways, ways };
}

/** Adds the saved tokens of the Kubos among these sources. Takes at most 1.5 s where the secret storage doesn't respond. */
export async function withTokens(sources: ContentSources, tokens: SavedTokens): Promise<ContentSources> {
  const { repository, kuboUrl } = sources;
  const own = repository === undefined ? undefined : kuboAccess(repository);
  const asked = [own?.socketPath ?? own?.url, kuboUrl && keyOf(kuboUrl)].filter((key) => key !== undefined);
  const saved = await Promise.all(asked.map(async (key): Promise<[string, SavedToken]> => [key, await tokens.of(key)]));
  return { ...sources, authorizations: Object.fromEntries(saved) };
}

/** The key under which Set Token saves a token; undefined for an address that is rejected anyway. */
function keyOf(url: string): string | undefined {
  try {
    return parseKuboUrl(url);
  } catch {
    return undefined;
  }
}
