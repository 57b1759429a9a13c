import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { StopCase } from './lib/stopCase';
import { openWorld } from './lib/world';

export interface CaseOutcome {
  readonly title: string;
  readonly error?: string;
  /** How long each stop took, in ms. */
  readonly durations: readonly number[];
}

/** Runs a case in its namespace: `node stopCases.js NAME PYTHON FOLDER TREE_FILES`. Writes the outcome to FOLDER/outcome.json. */
export async function runCase(cases: Readonly<Record<string, StopCase>>): Promise<void> {
  const [name = '', python = '', folder = '', treeFiles = ''] = process.argv.slice(2);
  const stopCase = cases[name];
  if (!stopCase) throw new Error(`There is no case ${name}.`);
  let durations: readonly number[] = [];
  let error: string | undefined;
  try {
    const opened = await openWorld({ python, folder, treeFiles, callerFile: path.join(__dirname, 'caller.js') });
    durations = opened.durations;
    await stopCase.run(opened.world);
    await opened.finish();
  } catch (thrown) {
    error = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
  }
  const outcome: CaseOutcome = { title: stopCase.title, durations, ...(error !== undefined && { error }) };
  writeFileSync(path.join(folder, 'outcome.json'), JSON.stringify(outcome));
  process.exit(0); // The namespace ends with this process, and so do all processes in it.
}
