import { nameOf } from '../base/settingOrOption';
import { causeOf, sentences } from '../base/causes';
import type { Reason } from '../base/ipfsKitError';
import { IpfsKitError } from '../base/ipfsKitError';
import type { AskedSource } from './askedSource';

/** A source that was asked for a block: why that failed, or undefined where the source doesn't have the block. */
export interface Tried {
  readonly source: Pick<AskedSource, 'name' | 'isLocal' | 'isGateway'>;
  readonly error?: IpfsKitError | undefined;
}

/** The errors whose messages have their own next step. */
const WITH_STEP: readonly Reason[] = [
  ...(['foreign', 'needs-token', 'certificate', 'proxy', 'elsewhere', 'invalid-argument'] as const),
  ...(['malformed', 'unreadable', 'not-a-file', 'busy'] as const),
];
/** The errors that may not last. */
const PASSING: readonly Reason[] = ['timeout', 'http-status', 'truncated', 'refused'];

/** The error of a block that no source has sent: what each source said, and one next step, by default one that fits what was tried. `what` names the block. */
export function blockNotFound(what: string, tried: readonly Tried[], step?: string): IpfsKitError {
  const said = tried.map(({ source: { name }, error }) => causeOf(name, error ? error.message : `${name} doesn't have it`));
  const failures = tried.flatMap(({ error }) => (error && error.reason !== 'missing' ? [error] : []));
  // What is wrong with a source says more than that another one isn't running.
  const worst = failures.find(({ reason }) => reason === 'mismatch') ?? failures.at(-1);
  return new IpfsKitError(
    worst?.reason ?? 'missing',
    sentences(what, ...(tried.length === 0 ? ['No block source is configured'] : said), step ?? nextStep(tried, failures)),
  );
}

function nextStep(tried: readonly Tried[], failures: readonly IpfsKitError[]): string {
  const isOne = (reasons: readonly Reason[]): boolean => failures.some(({ reason }) => reasons.includes(reason));
  if (isOne(WITH_STEP)) return '';
  if (isOne(PASSING)) return 'Check the address of the source that failed, or try again';
  const missing = tried.filter(({ error }) => error?.reason === 'missing');
  const gateway = `${nameOf('gateway')} to ${tried.some(({ source }) => source.isGateway) ? 'another' : 'a'} gateway`;
  if (missing.some(({ source, error }) => !source.isLocal && error?.message !== '')) return `Start Kubo, or set ${gateway}`;
  const isAllMissing = tried.length > 0 && missing.length === tried.length;
  return isAllMissing ? `Set ${nameOf('blocks')} to one, or ${gateway}` : `Set ${gateway}`;
}
