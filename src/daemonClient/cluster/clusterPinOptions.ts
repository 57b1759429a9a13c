import { IpfsKitError } from '../../base/ipfsKitError';
import { withCommas } from '../../base/withCommas';
import { refusal, rpcRequest } from '../rpcRequest';
import type { RpcAccess } from '../rpcAccess';
import type { JsonObject } from '../../pin/looseJson';
import { objectIn } from '../../pin/looseJson';
import { textIn } from '../rpcJson';
import { messageIn, serverText } from '../serverMessages';

/**
 * The options of a cluster's pin. `POST /pins/{cid}` replaces all of them: an option that its query leaves out gets the default (ipfs-cluster v1.1,
 * `PinOptions.FromQuery` in api/types.go). An option that can't be parsed is answered with 400, and the pin is still written, with the options that were parsed
 * before it (`ParseCidOrFail` in api/common/api.go): so the options are checked here before they are sent.
 */

/** A pin as the cluster stores it: the response to `GET /allocations/{cid}`. */
export type ClusterPinRecord = JsonObject;

const MOST_BYTES = 2 ** 18;

/**
 * The pin; undefined where the cluster reports that it has none: 404 with `{"code":404}`, which it always sends. A reverse proxy that doesn't pass this route
 * on responds with 404 and its own page, or an empty body, which proves nothing. Rejects with IpfsKitError for any other response.
 */
export async function clusterPinRecord(
  access: RpcAccess,
  cid: string,
  { signal, totalMs }: { readonly signal?: AbortSignal | undefined; readonly totalMs: number },
): Promise<ClusterPinRecord | undefined> {
  const route = `/allocations/${cid}`;
  const request = { headersMs: totalMs, totalMs, maxBytes: MOST_BYTES, accept: 'application/json', signal };
  const { status, body } = await rpcRequest(access, route, request);
  const answer = parsed(body);
  if (status === 404 && answer?.['code'] === 404) return undefined;
  if (status === 404)
    throw new IpfsKitError(
      'foreign',
      `${access.url}${route} responded with HTTP 404, but not as IPFS Cluster does: ${messageIn(body, access)}`,
    );
  if (status !== 200) throw refusal(access, route, status, body);
  if (!answer || textIn(answer['cid']) === '')
    throw new IpfsKitError('foreign', `${access.url}${route} responded with something other than a pin.`);
  return answer;
}

function parsed(body: Uint8Array): JsonObject | undefined {
  try {
    return objectIn(JSON.parse(Buffer.from(body.buffer, body.byteOffset, body.length).toString()));
  } catch {
    return undefined;
  }
}

/** A value as the query writes it; undefined where it can't be written. */
type Spell = (value: unknown) => string | undefined;

const text: Spell = (value) => (typeof value === 'string' && !/\p{Surrogate}/u.test(value) ? value : undefined);
const whole: Spell = (value) => (Number.isSafeInteger(value) ? String(value) : undefined);
const list =
  (isPart: RegExp): Spell =>
  (value) =>
    Array.isArray(value) && value.every((part) => typeof part === 'string' && isPart.test(part)) ? value.join(',') : undefined;
/** RFC 3339 with a valid date, as Go parses it. The year 1, its zero, and 1970 both mean never; Cluster would reject the second. */
const time: Spell = (value) => {
  const local = typeof value === 'string' ? TIME.exec(value)?.[1] : undefined;
  if (local === undefined || Number.isNaN(Date.parse(`${local}Z`))) return undefined;
  if (!new Date(`${local}Z`).toISOString().startsWith(local)) return undefined;
  return Date.parse(String(value)) <= 0 ? '' : String(value);
};
const TIME = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d+)?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;

/** By field of a record: the parameter of the query that sets it, and how its value is written. */
const OPTIONS: readonly (readonly [field: string, parameter: string, spell: Spell])[] = [
  ['name', 'name', text],
  ['mode', 'mode', text],
  ['replication_factor_min', 'replication-min', whole],
  ['replication_factor_max', 'replication-max', whole],
  ['shard_size', 'shard-size', whole],
  ['user_allocations', 'user-allocations', list(/^[A-Za-z0-9]+$/)],
  ['expire_at', 'expire-at', time],
  ['origins', 'origins', list(/^\/[^,]*\/(?:p2p|ipfs)\/[A-Za-z0-9]+(?:\/[^,]*)?$/)],
];

/**
 * The query that gives a pin these options. `record` looks up another pin of the cluster. Throws `unsupported` where a query can't express one of them; except
 * for `pin_update`, which only says where a pin came from, and is left out where Cluster would take other options from there.
 */
export async function optionsQuery(
  pin: ClusterPinRecord,
  record: (cid: string) => Promise<ClusterPinRecord | undefined>,
): Promise<string> {
  const query = new URLSearchParams();
  const { type, metadata, pin_update: origin } = pin;
  if (type !== undefined && type !== 'pin') throw lost('type', `a ${serverText(type)} can't be pinned by its CID`);
  for (const [field, parameter, spell] of OPTIONS) {
    if (pin[field] === undefined || pin[field] === null) continue;
    const spelled = spell(pin[field]);
    if (spelled === undefined) throw lost(field, `${shown(pin[field])} can't be sent to IPFS Cluster`);
    if (spelled !== '') query.set(parameter, spelled);
  }
  if (Date.parse(query.get('expire-at') ?? '') <= Date.now())
    throw lost('expire_at', `the pin expired at ${shown(pin['expire_at'])}`);
  for (const [key, value] of metadataIn(metadata)) query.set(`meta-${key}`, value);
  if (typeof origin === 'string' && origin !== '') {
    const from = await record(origin);
    const isGiven = (field: string): boolean => query.has({ name: 'name', expire_at: 'expire-at' }[field] ?? '');
    const takes =
      from && changedOptions(from, pin).filter(({ field }) => !['cid', 'pin_update'].includes(field) && !isGiven(field));
    if (takes?.length === 0) query.set('pin-update', origin);
  }
  return query.toString();
}

/** Throws `unsupported` for metadata that can't be sent: Cluster ignores an empty key. */
function metadataIn(metadata: unknown): readonly (readonly [key: string, value: string])[] {
  if (plain(metadata) === '') return [];
  return Object.entries(objectIn(metadata) ?? { '': metadata }).map(([key, value]) => {
    const spelled = text(value);
    if (key === '' || text(key) === undefined || spelled === undefined)
      throw lost('metadata', `${shown({ [key]: value })} can't be sent to IPFS Cluster`);
    return [key, spelled];
  });
}

function lost(field: string, why: string): IpfsKitError {
  return new IpfsKitError('unsupported', `Its ${field} would be lost: ${why}. Unpin it, and pin it again without that option.`);
}

/** A field in which two records of a pin differ, with both values, for people. */
export interface OptionChange {
  readonly field: string;
  readonly was: string;
  readonly is: string;
}

/** Fields that this version doesn't know are compared, too. The time of pinning isn't an option. */
export function changedOptions(before: ClusterPinRecord, after: ClusterPinRecord): readonly OptionChange[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter((field) => field !== 'timestamp' && plain(before[field], field) !== plain(after[field], field))
    .map((field) => ({ field, was: shown(before[field]), is: shown(after[field]) }));
}

/** `expire_at was 2030-01-01T00:00:00Z, is now none`. Beyond a few changes, the rest is counted. */
export function changesText(changes: readonly OptionChange[]): string {
  const texts = changes.slice(0, MOST_NAMED).map(({ field, was, is }) => `${serverText(field)} was ${was}, is now ${is}`);
  return [...texts, ...(changes.length > MOST_NAMED ? [`and ${withCommas(changes.length - MOST_NAMED)} more`] : [])].join('; ');
}

/** There are eleven options. */
const MOST_NAMED = 12;

/** Whether a record is older than the response to the request that pinned it. Times are stored in whole seconds. */
export function isOlder(record: ClusterPinRecord, answer: JsonObject): boolean {
  const seconds = ({ timestamp }: JsonObject): number => Math.floor(Date.parse(textIn(timestamp)) / 1000);
  return seconds(record) < seconds(answer);
}

/** One text for equal values: an empty value may be `null`, `""`, `[]`, `{}` or 0; sets and keys come in any order. */
function plain(value: unknown, field?: string): string {
  const at = field === 'expire_at' ? time(value) : undefined;
  if (at !== undefined) return at && String(Date.parse(at));
  if (Array.isArray(value)) return value.length === 0 ? '' : JSON.stringify(value.map((part) => plain(part)).sort());
  const object = objectIn(value);
  if (!object) return value === undefined || value === null || value === 0 || value === '' ? '' : JSON.stringify(value);
  const entries = Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1));
  return entries.length === 0 ? '' : JSON.stringify(entries.map(([key, part]) => [key, plain(part)]));
}

const LONGEST_SHOWN = 120;

function shown(value: unknown): string {
  if (plain(value) === '' || time(value) === '') return 'none';
  return serverText((typeof value === 'string' ? value : JSON.stringify(value)).slice(0, LONGEST_SHOWN));
}
