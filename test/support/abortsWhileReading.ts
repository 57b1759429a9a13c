import { readMarks } from '../../src/pinWorker/readMarks';
import { asHost } from './inHost';

/** A process that aborts, as V8 does when memory runs out, while it decodes a list of 2 MiB. */
asHost(({ folder, location }: { readonly folder: string; readonly location: string }) =>
  readMarks(folder).during(location, 2 ** 21, () => process.abort()),
);
