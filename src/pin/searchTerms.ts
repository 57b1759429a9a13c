import { cidForms, decodeCid } from './cid';
import { toBase58 } from './multibase';
import { pastedPath } from './pastedPath';
import { foldAscii } from './pinQuery';
import type { FilterTerms } from './filterWords';
import { filterTerms } from './filterWords';

/** A whole CID in a filter. A pin matches where a searched text contains one of `texts`, or its CID is the same in another base. */
export interface CidTerm {
  /** Folded: as it was entered, and the CID in both versions. */
  readonly texts: readonly string[];
  /** The CID in version 1, for spellsCid. */
  readonly v1: string;
  /** Whether the pins without this CID are wanted. */
  readonly isUnwanted: boolean;
}

export interface SearchTerms extends FilterTerms {
  /** The remaining text, folded. */
  readonly text: string;
  /** A pin must match each of them. */
  readonly cids: readonly CidTerm[];
}

/** The terms of a filter: its words, whole CIDs in every form in which they are pasted (a minus before one excludes its pins), and the remaining text. */
export function searchTerms(filter: string): SearchTerms {
  const { text, ...terms } = filterTerms(filter);
  const whole = cidTerm(text, false); // A path may contain blanks.
  if (whole) return { ...terms, text: '', cids: [whole] };
  const cids: CidTerm[] = [];
  const rest = text.replace(/(?:^|(?<!\s)\s+)(-?)(\S+)/g, (all, minus: string, word: string) => {
    const term = cidTerm(word, minus !== '');
    if (term) cids.push(term);
    return term ? '' : all;
  });
  return { ...terms, text: foldAscii(cids.length > 0 ? rest.trim() : text), cids };
}

function cidTerm(text: string, isUnwanted: boolean): CidTerm | undefined {
  const cid = decodeCid(pastedPath(text)?.cid ?? '');
  if (!cid) return undefined;
  const { v0, v1 } = cidForms(cid);
  return { texts: [...new Set([text, v0 ?? v1, v1].map(foldAscii))], v1, isUnwanted };
}

/** How the CIDs of nearly all lists begin: base58btc of version 0, and base32. These are found by their texts. */
export const USUAL_STARTS = ['Q', 'b', 'B'] as const;

/** Whether a CID in another base than these is the same as one of version 1. */
export function spellsCid(text: string, v1: string): boolean {
  if (USUAL_STARTS.some((start) => text.startsWith(start))) return false;
  if (text.startsWith('z')) return inBase58(v1).includes(text);
  const cid = decodeCid(text);
  return cid !== undefined && cidForms(cid).v1 === v1;
}

/** Bytes have one form in this base. Texts are compared, since decoding a long list of them would take seconds. */
function inBase58(v1: string): readonly string[] {
  if (last?.v1 !== v1) {
    const cid = decodeCid(v1);
    const { v0 } = cid ? cidForms(cid) : {};
    last = { v1, texts: [...(cid ? [`z${toBase58(cid.bytes)}`] : []), ...(v0 === undefined ? [] : [`z${v0}`])] };
  }
  return last.texts;
}

/** Each row of a list asks for the same CID. */
let last: { readonly v1: string; readonly texts: readonly string[] } | undefined;
