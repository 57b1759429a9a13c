import { columnarTable } from '../../columns/columnarTable';
import type { PinTable } from '../../pin/pinTable';
import type { TableMakers } from '../../pinStore/openNewestStore';

/** Makes a table from an Arrow stream. `soFar`: the body isn't complete yet. The Arrow bundle is loaded with the first body. */
export async function readArrowBody(body: Uint8Array, soFar: boolean): Promise<PinTable> {
  const { readArrow } = await import('../../arrow/arrowReader');
  return readArrow(body, { soFar });
}

export const TABLE_MAKERS: TableMakers = {
  ofColumns: columnarTable,
  ofArrow: (body) => readArrowBody(body, false),
  ofJson: async (body, what, signal) =>
    (await import('./jsonReader')).readJson(body, signal, { what, withoutList: 'no-pins-table' }),
};
