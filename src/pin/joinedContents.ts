import type { Pin } from './pin';
import type { JoinKey } from './pinQuery';
import type { Standing } from './standing';
import type { JoinTerm } from './filterWords';

/** Receives the pins of a list in the order of its rows. */
export interface ContentVisitor {
  /** A pin whose CID is the UTF-8 text bytes[from … to). */
  readonly pin: (bytes: Uint8Array, from: number, to: number, standing: Standing) => void;
  /** A row that is no pin. */
  readonly none: () => void;
}

/** All pins of a list, some thousands at a time. */
export interface ContentWalk {
  /** Whether there may be more. Rejects with `busy` where the data has changed since the first. */
  readonly next: (visitor: ContentVisitor, signal: AbortSignal) => Promise<boolean>;
  /** A second call does nothing. */
  readonly close: () => void;
}

/** What the joined lists say of the content of a pin. */
export type PinCopies = Pick<Pin, 'sources' | 'copies' | 'copiesAtLeast' | 'unknownSources'>;

/** A whole number for each class of contents: what a query asks about them. */
export interface ClassAnswers {
  /** The number by which `answers` gives the values. */
  readonly at: number;
  /** By class. Classes that came later have none. */
  readonly values: Int32Array;
}

/** The answers are indexes of these keys, which are in natural order; NO_KEY for none. */
export interface ClassKeys extends ClassAnswers {
  readonly keys: readonly string[];
}

export const NO_KEY = -1;

/**
 * What a table knows of its contents in all lists that it is joined with. Contents that the same lists keep in the same way are of one class; class 0 is content
 * that none of them has.
 */
export interface JoinedContents {
  /** Another number whenever an answer may have changed. */
  readonly version: number;
  /** The class of the content of a CID, the UTF-8 text bytes[from … to). */
  classOf(bytes: Uint8Array, from: number, to: number): number;
  /** The class of a row, numbered as the table gave them to the visitor. */
  classOfRow(row: number): number;
  /** Those of the rows of[from], of[from + 1] and so on, or from, from + 1 and so on, as many as there is room for. */
  classesOfRows(of: Uint32Array | undefined, from: number, into: Uint32Array): void;
  /** 1 where a content fits all these terms. */
  fits(terms: readonly JoinTerm[]): ClassAnswers;
  /** The number of copies that are known. */
  copies(): ClassAnswers;
  groups(key: JoinKey): ClassKeys;
  answers(at: number): Int32Array | undefined;
  /** What the pins of a class say. */
  facts(of: number): PinCopies;
  /** The ids of the sources that may change which pins fit these terms or what is known of copies, because not all of their pins and statuses are known. */
  doubts(terms: readonly JoinTerm[], ofCopies: boolean): readonly string[];
}
