import type { Disposable } from './disposable';

/** Registers a command by its full ID, with what it does to the arguments that it is given. commandRegistrar (commands.ts) makes it. */
export type Register = (id: string, run: (...given: readonly unknown[]) => Promise<unknown>) => Disposable;
