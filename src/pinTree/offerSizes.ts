import * as vscode from 'vscode';
import { safe, safeText } from '../base/safeText';
import { withCommas } from '../base/withCommas';
import type { ListView } from './list/listView';
import type { SourceList } from './list/sourceList';

/** Asks the user, once each time a list is sorted by size or grouped, before the sizes of very many pins are asked for. */
export function createSizesOffer(): (list: SourceList) => void {
  const offered = new WeakMap<SourceList, ListView>();
  return (list) => {
    const { source, model } = list;
    const { sizing, sizes, view } = model.state;
    if (sizing !== 'too-many' || !sizes || offered.get(list) === view) return;
    offered.set(list, view);
    const ask = safe`Ask for Sizes`;
    const question = safe`${safeText(source.name)} lists pins without sizes. Asking for the sizes of ${withCommas(sizes.count)} pins takes long; you can stop it at any time.`;
    void vscode.window.showInformationMessage(question, ask).then((chosen) => {
      if (chosen === ask) model.askSizes();
    });
  };
}
