import type { Disguise } from './disguise';

/** A tree of processes, as test/stop/tree/tree.py starts and documents it. */
export interface TreeSpec {
  readonly label?: string;
  readonly kind?: 'python' | 'program' | 'sleep' | 'fork';
  readonly argv?: readonly string[];
  readonly argv0?: string;
  /** The name that the kernel reports for the process. */
  readonly comm?: string;
  readonly script?: string;
  readonly times?: number;
  readonly session?: boolean;
  readonly group?: boolean;
  readonly doubleFork?: boolean;
  readonly clearEnv?: boolean;
  readonly inheritSocket?: boolean;
  readonly term?: 'default' | 'ignore' | 'exit' | 'slowly' | 'writes' | 'stay';
  readonly slowS?: number;
  readonly children?: readonly TreeSpec[];
  readonly supervise?: boolean;
  readonly watch?: boolean;
  readonly storm?: { readonly perSecond: number; readonly most: number; readonly lifeS: number; readonly detach?: boolean };
  readonly colony?: { readonly most: number };
  readonly hopEveryS?: number;
  readonly onTerm?: readonly TreeSpec[];
  readonly listen?: number;
  readonly http?: 'ok' | 'hang' | 'lie' | '404';
  readonly repository?: string;
  readonly lock?: string;
  readonly uid?: number;
  readonly zombies?: number;
  readonly threads?: boolean;
  readonly ends?: boolean;
  readonly freeze?: boolean;
  readonly runs?: readonly string[];
  readonly disguise?: Disguise & { readonly when: string; readonly done: string };
  readonly subreaper?: boolean;
}
