import type { Routes } from './daemonStandIn';
import { json } from './daemonStandIn';
import type { Answer } from './replayServer';

/** A pinning service with so many pins, the newest first. */
export class ServiceStandIn {
  count = 1;
  /** How it responds to the question how many pins it has, where that isn't with their number. */
  counts: (() => Answer) | undefined;

  readonly routes: Routes = {
    'GET /pins': ({ query }) => {
      if (query.get('limit') === '1' && this.counts) return this.counts();
      const all = Array.from({ length: this.count }, (_, at) => this.pin(this.count - at));
      return json({ count: this.count, results: all.slice(0, Number(query.get('limit'))) });
    },
  };

  /** The pins are numbered from 1 on; each has 10 bytes. */
  pin(at: number): object {
    const created = new Date(Date.UTC(2024, 0, 1) + at * 60_000).toISOString();
    return {
      requestid: String(at),
      status: at % 2 === 0 ? 'pinned' : 'queued',
      created,
      pin: { cid: cidOf(at), name: `pin ${at}` },
      delegates: [],
      info: { dag_size: '10' },
    };
  }
}

function cidOf(at: number): string {
  return `bafkreidon73zkcrwdb5iafqtijxildoonbwnpv7dyd6ef3qdgads2jc4${'abcdefghijklmnop'[at] ?? 'q'}4`;
}
