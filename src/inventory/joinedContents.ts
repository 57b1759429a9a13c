import { inNaturalOrder } from '../pin/naturalOrder';
import type { ClassAnswers, ClassKeys, JoinedContents, PinCopies } from '../pin/joinedContents';
import type { JoinKey } from '../pin/pinQuery';
import { NO_KEY } from '../pin/joinedContents';
import type { ContentClasses } from './contentClasses';
import type { ContentIndex } from './contentIndex';
import type { KnownSources } from './joinTerms';
import { copiesIn, fitsTerms, sourcesNamed, unknownOf } from './joinTerms';

/** More answers than that aren't kept beside each other. */
const MOST_ANSWERS = 1000;

/**
 * What is known of contents, for the tables of a join. Answers are found out once for each class and version, and shared by all of them. The result makes the
 * view of one list from the entries of its rows and its own bit.
 */
export function joinedContents(
  index: ContentIndex,
  classes: ContentClasses,
  version: () => number,
  known: () => KnownSources & { readonly unsure: number },
): (entries: Uint32Array, own: number) => JoinedContents {
  let answered = { version: 0, byName: new Map<string, ClassKeys>(), byNumber: new Map<number, ClassKeys>() };
  let lastNumber = 0;

  /** `give`: the answer for a class, or its key. */
  const ask = (name: string, give: (of: number, known: KnownSources) => number | string | undefined): ClassKeys => {
    if (answered.version !== version() || answered.byName.size > MOST_ANSWERS)
      answered = { version: version(), byName: new Map(), byNumber: new Map() };
    const before = answered.byName.get(name);
    if (before?.values.length === classes.count) return before;
    const of = known();
    const given = Array.from({ length: classes.count }, (_, each) => give(each, of));
    const keys = inNaturalOrder(new Set(given.filter((each) => typeof each === 'string'))).filter((each) => each !== undefined);
    const rank = new Map(keys.map((key, at) => [key, at]));
    const values = Int32Array.from(given, (each) => (typeof each === 'number' ? each : (rank.get(each ?? '') ?? NO_KEY)));
    const answers = { at: ++lastNumber, values, keys };
    answered.byName.set(name, answers);
    answered.byNumber.set(answers.at, answers);
    return answers;
  };
  const idsIn = (mask: number, { ids }: KnownSources): readonly string[] =>
    ids.flatMap(([id, bit]) => ((mask & bit) === 0 ? [] : [id]));
  const keyOf = (key: JoinKey, of: number, sources: KnownSources): string | undefined => {
    if (of === 0) return undefined;
    if (key === 'source') return idsIn(classes.listed(of), sources).join(', ');
    return `${copiesIn(of, classes, sources)}${unknownOf(of, classes, sources) === 0 ? '' : '+'}`;
  };

  return (entries, own) => {
    let said = { version: 0, byClass: new Map<number, PinCopies>() };
    const classOfRow = (row: number): number => index.classes()[entries[row] ?? -1] ?? 0;
    return {
      get version() {
        return version();
      },
      classOf: (bytes, from, to) => index.classes()[index.find(bytes, from, to)] ?? 0,
      classOfRow,
      classesOfRows: (of, from, into) => {
        const all = index.classes();
        for (let at = 0; at < into.length; at++) into[at] = all[entries[of ? (of[from + at] ?? 0) : from + at] ?? -1] ?? 0;
      },
      fits: (terms): ClassAnswers =>
        ask(`fits ${JSON.stringify(terms)}`, (of, sources) => Number(fitsTerms(of, terms, classes, sources))),
      copies: (): ClassAnswers => ask('copies', (of, sources) => copiesIn(of, classes, sources)),
      groups: (key) => ask(`group ${key}`, (of, sources) => keyOf(key, of, sources)),
      answers: (at) => answered.byNumber.get(at)?.values,
      facts: (of) => {
        if (said.version !== version()) said = { version: version(), byClass: new Map() };
        const before = said.byClass.get(of);
        if (before) return before;
        const sources = known();
        const copies = copiesIn(of, classes, sources);
        // A row that has come into a database since is in its own source, and nothing else is known of it.
        const unknown = unknownOf(of, classes, sources) | (of === 0 ? own : 0);
        const facts = {
          sources: idsIn(classes.listed(of) | own, sources),
          ...(unknown === 0 ? { copies } : { copiesAtLeast: copies, unknownSources: idsIn(unknown, sources) }),
        };
        said.byClass.set(of, facts);
        return facts;
      },
      doubts: (terms, ofCopies) => {
        const sources = known();
        let mask = ofCopies ? sources.unlisted | sources.unsure : 0;
        for (const term of terms)
          mask |=
            term.word === 'copies' ? sources.unlisted | sources.unsure : sourcesNamed(term.source, sources) & sources.unlisted;
        return idsIn(mask, sources);
      },
    };
  };
}
