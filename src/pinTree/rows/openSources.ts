import type { SourceList } from '../list/sourceList';

/**
 * Which sources are expanded, where there are several: at first one, and Files, since people who keep their content there may have hardly a pin; then those that
 * the user expands. VS Code ignores the state of a row that it has drawn before, so a row that is to be expanded only later must be revealed.
 */
export interface OpenSources {
  /** The pins of the source are the only ones in the view: they stay in view when another source is added. */
  alone(list: SourceList): void;
  /** The row of a source is drawn; true where it is expanded. `isFirst`: it is the first one that has a list or is loading. */
  drawn(list: SourceList, isFirst: boolean): boolean;
  /** The row is drawn without rows below it. */
  drawnEmpty(list: SourceList): void;
  /** Whether the row was drawn collapsed, or empty, and is to be expanded now; true once. */
  isLate(list: SourceList): boolean;
  /** The user, or a revealed row, has expanded or collapsed the source. */
  changed(list: SourceList, isOpen: boolean): void;
  /** The source has left the view. */
  forget(list: SourceList): void;
}

export function createOpenSources(): OpenSources {
  const open = new Set<SourceList>();
  /** Those of `open` that VS Code has drawn collapsed. */
  const late = new Set<SourceList>();
  const [known, empty] = [new Set<SourceList>(), new Set<SourceList>()];
  let isChosen = false;
  return {
    alone: (list) => void open.add(list),
    drawn: (list, isFirst) => {
      empty.delete(list);
      const isWanted = list.source.entries !== undefined || (isFirst && [...open].every((each) => empty.has(each)));
      if (isWanted && !isChosen && !open.has(list)) {
        open.add(list);
        if (known.has(list)) late.add(list);
      }
      known.add(list);
      return open.has(list);
    },
    drawnEmpty: (list) => {
      known.add(list);
      empty.add(list);
      if (open.has(list)) late.add(list);
    },
    isLate: (list) => late.delete(list) && open.has(list),
    changed: (list, isOpen) => {
      isChosen = true;
      if (isOpen) open.add(list);
      else open.delete(list);
    },
    forget: (list) => {
      for (const each of [open, late, known, empty]) each.delete(list);
    },
  };
}
