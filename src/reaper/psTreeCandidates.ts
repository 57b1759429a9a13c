/** A row of ps-tree: a pid that may belong to the tree, and never more than that. */
export interface Candidate {
  readonly pid: number;
  readonly ppid: number;
}

export interface CandidateAnswer {
  /** When it was asked, by performance.now(): what is younger is not what it saw. */
  readonly askedAt: number;
  readonly rows: readonly Candidate[];
}

/** Descendants of a process in somebody else's view. `unknown`: it could not tell, which is not "none". Never rejects. */
export type Candidates = (root: number) => Promise<CandidateAnswer | 'unknown'>;

export function createPsTreeCandidates({ workerFile }: { readonly workerFile: string }): Candidates {
  return () => Promise.resolve(workerFile === '' ? 'unknown' : 'unknown');
}
