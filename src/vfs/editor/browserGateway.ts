import path from 'node:path';
import { SETTING } from '../../contributions';
import { isLoopback } from '../../daemonClient/loopback';
import { DEFAULT_BROWSER_GATEWAY } from '../../defaults';
import { readRegularFile } from '../../pinStore/regularFile';
import type { Settings } from '../../settings';

const MOST_BYTES = 4096;

/** Where a browser is sent to, without a slash at the end: as it is set, else the gateway of the Kubo of this machine, which its repository names. */
export function browserGateway(settings: Pick<Settings, 'machine' | 'content'>): string {
  const set = settings.machine(SETTING.browserGateway);
  return (
    (typeof set === 'string' ? gatewayIn(set) : undefined) ??
    gatewayOf(settings.content.value().repository) ??
    DEFAULT_BROWSER_GATEWAY
  );
}

/** The file `gateway`: there while a daemon with a gateway runs. Another machine's is none of its own. */
function gatewayOf(repository: string): string | undefined {
  try {
    const url = gatewayIn(readRegularFile(path.join(repository, 'gateway'), MOST_BYTES).toString('utf8'));
    return url !== undefined && isLoopback(new URL(url).hostname.replace(/[[\]]/g, '')) ? url : undefined;
  } catch {
    return undefined;
  }
}

function gatewayIn(text: string): string | undefined {
  const url = text.trim().replace(/\/+$/, '');
  return /^https?:\/\//i.test(url) && URL.canParse(url) ? url : undefined;
}
