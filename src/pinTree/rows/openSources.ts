import type { SourceList } from '../list/sourceList';

/**
 * Which sources are expanded, where there are several: the first one with a list, and those that the user expands. VS Code ignores the state of a row that it
 * has drawn before, so a row that is to be expanded only later must be revealed.
 */
export interface OpenSources {
  /** The row of a source is drawn with its list; true where it is expanded. `isFirst`: it is the first one that has a list or is loading. */
  drawn(list: SourceList, isFirst: boolean): boolean;
  /** The row is drawn without rows below it. */
  drawnEmpty(list: SourceList): void;
  /** Whether the row was drawn collapsed, or empty, and is to be expanded now; true once. */
  isLate(list: SourceList): boolean;
  /** The user, or a revealed row, has expanded or collapsed the source. */
  changed(list: SourceList, isOpen: boolean): void;
}

export function createOpenSources(): OpenSources {
  const open = new Set<SourceList>();
  const late = new Set<SourceList>();
  const known = new Set<SourceList>();
  let isChosen = false;
  return {
    drawn: (list, isFirst) => {
      if (isFirst && !isChosen && !open.has(list)) {
        open.clear();
        open.add(list);
        if (known.has(list)) late.add(list);
      }
      known.add(list);
      return open.has(list);
    },
    drawnEmpty: (list) => {
      known.add(list);
      if (open.has(list)) late.add(list);
    },
    isLate: (list) => late.delete(list) && open.has(list),
    changed: (list, isOpen) => {
      isChosen = true;
      if (isOpen) open.add(list);
      else open.delete(list);
    },
  };
}
