import type { PinField, PinShape } from './columnNames';
import { COLUMNS_OF_FIELD, isFlag } from './columnNames';
import type { JsonObject } from './looseJson';
import { objectIn, objectInText } from './looseJson';
import type { Pin } from './pin';
import { cutText, MAX_TEXT } from './pin';

/**
 * The pin of one row; undefined where the row has no CID. `value` gives the raw value of a column: text, number, bigint, boolean, null, or a Date where the
 * source has a real time type. Values of an unexpected type are converted if their meaning is clear, and otherwise left out.
 */
export function toPin(shape: PinShape, value: (column: string) => unknown): Pin | undefined {
  const of = (field: PinField): unknown => {
    const column = shape.columns.get(field);
    return column === undefined ? undefined : flagOf(value(column), column);
  };
  const cid = textOf(of('cid'));
  if (cid === undefined) return undefined;
  const record = shape.metadata === undefined ? undefined : metadataOf(value(shape.metadata));
  const fields = {
    cid,
    name: textOf(of('name')) ?? textOf(record?.['name']),
    type: flagText('type', of('type')),
    status: textOf(of('status')),
    sizeBytes: sizeOf(of('sizeBytes')) ?? sizeOf(record?.['size_bytes']),
    pinnedAt: timeOf(of('pinnedAt')),
    vfsPath: textOf(of('vfsPath')),
    mountPoint: textOf(of('mountPoint')),
    tier: namesOf(of('tier')),
    replicas: countOf(of('replicas')),
    backend: namesOf(of('backend')),
    integrity: flagText('integrity', of('integrity')),
    lastAccessed: timeOf(of('lastAccessed')),
    expiresAt: timeOf(expiryOf(of('expiresAt'))),
    replicasPinned: countOf(of('replicasPinned')),
    replicasMin: wantedCountOf(of('replicasMin')),
    replicasMax: wantedCountOf(of('replicasMax')),
    metadata: textsByKey(of('metadata')),
    allocations: listOf(of('allocations')),
    origins: listOf(of('origins')),
    info: textsByKey(of('info')),
  };
  // Not by entries: for a million pins those arrays would take longer than reading the pins.
  const pin: Record<string, unknown> = {};
  for (const [field] of COLUMNS_OF_FIELD) if (fields[field] !== undefined) pin[field] = fields[field];
  return pin as unknown as Pin;
}

export function textOf(value: unknown): string | undefined {
  const text = rawTextOf(value);
  return text === undefined ? undefined : cutText(text);
}

/** As textOf; a list in JSON, as `storage_tiers` holds one, reads as its names: `["local","ipfs"]` is `local, ipfs`. */
export function namesOf(value: unknown): string | undefined {
  const text = rawTextOf(value);
  const names = text?.startsWith('[') === true ? namesInJson(text) : undefined;
  return names === undefined ? textOf(text) : textOf(names.join(', '));
}

/** The texts of a list, or of one in JSON; undefined where there are none, or they are too long to be shown. */
function listOf(value: unknown): readonly string[] | undefined {
  if (typeof value === 'string' && value.length > MAX_TEXT) return undefined;
  const names = typeof value === 'string' ? namesInJson(value) : textsIn(value);
  return names === undefined || names.length === 0 ? undefined : names;
}

function textsIn(list: unknown): readonly string[] | undefined {
  return Array.isArray(list) && list.every((name) => typeof name === 'string') ? list : undefined;
}

function namesInJson(text: string): readonly string[] | undefined {
  if (text.length > MAX_JSON) return undefined;
  try {
    return textsIn(JSON.parse(text));
  } catch {
    return undefined; // then it is shown as it is
  }
}

/** As textOf, uncut: for comparing, not for showing. */
export function rawTextOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value === '' ? undefined : value;
  if (typeof value === 'number' || typeof value === 'bigint') return String(value);
  if (value instanceof Uint8Array) return rawTextOf(new TextDecoder().decode(value.subarray(0, 4 * MAX_TEXT)));
  return undefined;
}

/** SQLite has no booleans: a column that is one by its name holds 0 and 1. */
function flagOf(value: unknown, column: string | undefined): unknown {
  return isFlag(column) && (typeof value === 'number' || typeof value === 'bigint') ? Number(value) !== 0 : value;
}

/** What yes and no mean in a field that holds either. */
export const FLAG_WORDS = {
  type: { yes: 'recursive', no: 'direct' },
  integrity: { yes: 'verified', no: 'unverified' },
} as const;

function flagText(field: keyof typeof FLAG_WORDS, value: unknown): string | undefined {
  return typeof value === 'boolean' ? FLAG_WORDS[field][value ? 'yes' : 'no'] : textOf(value);
}

/**
 * The size in bytes; undefined for 0, which ipfs_kit_py writes for an unknown size, and for values that aren't sizes, among them 2^64 and more.
 */
export function sizeOf(value: unknown): number | string | undefined {
  const whole = wholeOf(value);
  if (whole === undefined || whole <= 0n || whole >= NO_SIZE_FROM) return undefined;
  return whole <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(whole) : String(whole);
}

const NO_SIZE_FROM = 2n ** 64n;

export function countOf(value: unknown): number | undefined {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value < 0 ? undefined : value + 0; // not -0
  const whole = wholeOf(value);
  return whole === undefined || whole < 0n || whole > BigInt(Number.MAX_SAFE_INTEGER) ? undefined : Number(whole);
}

/** The number of peers that should have a pin: 1 or more, or -1 for all; undefined for 0, by which IPFS Cluster means its own setting. */
export function wantedCountOf(value: unknown): number | undefined {
  const count = countOf(value);
  return count === 0 ? undefined : (count ?? (wholeOf(value) === -1n ? -1 : undefined));
}

function wholeOf(value: unknown): bigint | undefined {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? BigInt(Math.trunc(value)) : undefined;
  if (typeof value === 'string' && /^\s*-?\d{1,20}(\.\d*)?\s*$/.test(value)) return BigInt(value.trim().replace(/\..*$/, ''));
  return undefined;
}

const ISO_TIME = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?\s*(Z|[+-]\d\d(?::?\d\d)?)?)?$/i;
const LATEST_MS = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

/** Any known way to write a time as ISO 8601 in UTC. Text without a zone is read as UTC; 0 means never. */
export function timeOf(value: unknown): string | undefined {
  const ms = timeMsOf(value);
  return ms === undefined ? undefined : new Date(ms).toISOString();
}

/** As timeOf, in milliseconds since 1970. */
export function timeMsOf(value: unknown): number | undefined {
  if (value instanceof Date) return inRange(value.getTime());
  if (typeof value === 'bigint') return numberMs(Number(value));
  if (typeof value === 'number') return numberMs(value);
  if (typeof value !== 'string') return undefined;
  const text = value.trim();
  return /^\d{1,19}(\.\d*)?$/.test(text) ? numberMs(Number(text)) : inRange(isoMsOf(text));
}

/** NaN where the text isn't a time. */
function isoMsOf(text: string): number {
  const parts = ISO_TIME.exec(text);
  if (!parts) return NaN;
  const [, year = '', month = '', day = '', hour = '00', minute = '00', second = '00', fraction = '', zone = 'Z'] = parts;
  const digits = zone.replace(/[^\d]/g, '');
  const offset = digits === '' ? 'Z' : `${zone.slice(0, 1)}${digits.slice(0, 2)}:${digits.slice(2, 4) || '00'}`;
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}.${fraction.slice(0, 3).padEnd(3, '0')}${offset}`);
}

function numberMs(time: number): number | undefined {
  const ms = msOfNumber(time);
  return Number.isNaN(ms) ? undefined : ms;
}

/** How an expiry is stored that is known to be none. */
export const NEVER_EXPIRES = 'never';

/** When a pin expires; `never` for the years up to 1970, by which IPFS Cluster means that it doesn't; undefined where that isn't known. */
export function expiryOf(value: unknown): Date | typeof NEVER_EXPIRES | undefined {
  const written = value instanceof Date ? value.getTime() : typeof value === 'string' ? isoMsOf(value.trim()) : NaN;
  if (value === NEVER_EXPIRES || written <= 0) return NEVER_EXPIRES;
  const ms = timeMsOf(value);
  return ms === undefined ? undefined : new Date(ms);
}

/** As expiryOf, in milliseconds since 1970: Infinity for never, NaN where it isn't known. */
export function expiryMsOf(value: unknown): number {
  const expiry = expiryOf(value);
  return expiry === NEVER_EXPIRES ? Infinity : (expiry?.getTime() ?? NaN);
}

function inRange(ms: number): number | undefined {
  return isInRange(ms) ? ms : undefined;
}

/**
 * Seconds as ipfs_kit_py writes them; by their size also milli-, micro- and nanoseconds (10^11 s is the year 5138, 10^11 ms 1973).
 * NaN for none: a million numbers that may be undefined would each be an object.
 */
export function msOfNumber(time: number): number {
  if (!(time > 0)) return NaN;
  if (time < SECONDS_BELOW) return msOfSeconds(time);
  const ms = Math.floor(time < 1e14 ? time : time < 1e17 ? time / 1e3 : time / 1e6);
  return isInRange(ms) ? ms : NaN;
}

/** A number of seconds is less than this, 5138 years. */
export const SECONDS_BELOW = 1e11;

export function msOfSeconds(time: number): number {
  return Math.floor(time * 1000 + 1e-3); // 1.001 s is 1000.9999… ms in binary
}

/** Whether this is a time in the years 1970 to 9999. */
export function isInRange(ms: number): boolean {
  return ms >= 0 && ms <= LATEST_MS;
}

/** The most UTF-16 units of a JSON text that is parsed. */
const MAX_JSON = 65_536;

/** Metadata as an object, or as the JSON text of one; undefined for anything else: unreadable JSON leaves the rest of the pin as it is. */
export function metadataOf(value: unknown): JsonObject | undefined {
  return objectIn(value) ?? (typeof value === 'string' && value.length <= MAX_JSON ? objectInText(value) : undefined);
}

/** The members of an object as texts; undefined where there are none, or they are too long to be shown. */
function textsByKey(value: unknown): Readonly<Record<string, string>> | undefined {
  if (typeof value === 'string' && value.length > MAX_TEXT) return undefined;
  const entries = Object.entries(metadataOf(value) ?? {});
  if (entries.length === 0) return undefined;
  return Object.fromEntries(entries.map(([key, each]) => [key, typeof each === 'string' ? each : JSON.stringify(each)]));
}
