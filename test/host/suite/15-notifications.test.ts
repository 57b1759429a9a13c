import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { canceled, IpfsKitError } from '../../../src/base/ipfsKitError';
import { safe } from '../../../src/base/safeText';
import type { PinListModel, PinListState } from '../../../src/pinTree/list/pinListModel';
import type { SourceList } from '../../../src/pinTree/list/sourceList';
import { createSizesOffer } from '../../../src/pinTree/offerSizes';
import { withLateProgress } from '../../../src/vfs/editor/lateProgress';
import { hasBridge, post } from '../bridge';

interface Toast {
  readonly text: string;
  /** The width of its bar: `50%`; empty where it has none. */
  readonly done: string;
}

/** The toast with this text that is shown now. */
async function shown(text: string): Promise<Toast | undefined> {
  return ((await post('toasts', [])) as readonly Toast[]).find((toast) => toast.text.includes(text));
}

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 10_000; !(await holds()); await sleep(50))
    assert.ok(Date.now() < end, `${what}; shown: ${JSON.stringify(await post('toasts', []))}`);
}

const gone = (text: string): Promise<void> => until(`${text} is gone`, async () => (await shown(text)) === undefined);

/** Work that ends when the test says so. */
function work(): {
  readonly done: Promise<string>;
  readonly end: (result: string) => void;
  readonly fail: (error: Error) => void;
} {
  let [end, fail]: [(result: string) => void, (error: Error) => void] = [() => undefined, () => undefined];
  const done = new Promise<string>((resolve, reject) => ([end, fail] = [resolve, reject]));
  return { done, end, fail };
}

if (hasBridge) {
  describe('work that may take long', () => {
    it('shows nothing, and settles as it does, where it ends at once', async () => {
      const quick = async (settled: Promise<string>): Promise<string> =>
        withLateProgress(safe`Quick work`, async (report) => {
          report(safe`1 of 2`, 50);
          await sleep(50);
          return settled;
        });
      assert.equal(await quick(Promise.resolve('done')), 'done');
      await assert.rejects(quick(Promise.reject(new IpfsKitError('timeout', 'Too late.'))), /Too late/);
      await assert.rejects(
        withLateProgress(safe`Quick work`, () => {
          throw new IpfsKitError('internal', 'It never began.');
        }),
        /never began/,
      );
      await sleep(1000); // twice as long as the notification waits
      assert.equal(await shown('Quick work'), undefined);
    });

    it('shows how far it is once it takes longer, with what was done before, until it ends', async () => {
      const { done, end } = work();
      let report: (message: string, increment?: number) => void = () => undefined;
      const result = withLateProgress(safe`Long work`, async (tell) => {
        report = (message, increment) => tell(safe`${message}`, increment);
        report('1 of 4', 25);
        report('2 of 4', 25);
        return done;
      });
      await until('it shows the latest report', async () => (await shown('Long work: 2 of 4'))?.done === '50%');
      report('3 of 4', 25);
      await until('it shows the next one', async () => (await shown('Long work: 3 of 4'))?.done === '75%');
      end('all four');
      assert.equal(await result, 'all four');
      await gone('Long work');
    });

    it('shows a bar that moves where it says nothing of how much there is to do', async () => {
      const { done, end } = work();
      const result = withLateProgress(safe`Endless work`, (report) => {
        report(safe`2 blocks`);
        return done;
      });
      await until('it shows the report', async () => (await shown('Endless work: 2 blocks')) !== undefined);
      assert.equal((await shown('Endless work'))?.done, '');
      end('done');
      await result;
      await gone('Endless work');
    });

    it('can be canceled there, and settles only when the work does', async () => {
      const { done, end } = work();
      let isSettled = false;
      let isCanceled = false;
      const result = withLateProgress(safe`Work to cancel`, (_, signal) => {
        signal.addEventListener('abort', () => (isCanceled = true), { once: true });
        return done;
      }).finally(() => (isSettled = true));
      await post('toast', ['Work to cancel', 'Cancel']);
      await until('the work hears of it', () => Promise.resolve(isCanceled));
      await gone('Work to cancel');
      assert.equal(isSettled, false);
      end('what was done until then');
      assert.equal(await result, 'what was done until then');
      await assert.rejects(
        withLateProgress(safe`Work that stops`, (_, signal) => {
          void post('toast', ['Work that stops', 'Cancel']);
          return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(canceled()), { once: true }));
        }),
        (error) => IpfsKitError.is(error, 'cancelled'),
      );
    });

    it('fails as the work does, and its notification goes', async () => {
      const { done, fail } = work();
      const result = withLateProgress(safe`Work that fails`, () => done);
      const failed = assert.rejects(result, /No space is left/);
      await post('awaitToast', ['Work that fails']);
      fail(new IpfsKitError('http-status', 'No space is left.'));
      await failed;
      await gone('Work that fails');
    });
  });

  describe('the sizes of very many pins', () => {
    it('are asked for after a question, which is asked once each time the list is sorted by size or grouped', async () => {
      const state: PinListState = {
        ...({ busy: false, fuzzy: false, view: { sort: '-size' }, sizing: 'too-many' } as const),
        sizes: { count: 20_001, sized: 0, sizeBytes: undefined },
        rows: { pins: [], groups: [], groupTotal: 0, first: { pins: 0, groups: 0 } },
      };
      let asked = 0;
      const listWith = (change: Partial<PinListState>): PinListModel =>
        ({ state: { ...state, ...change }, askSizes: () => asked++ }) as unknown as PinListModel;
      const list = { source: { name: 'Kubo [x](command:y)' }, model: listWith({}) } as unknown as SourceList & {
        model: PinListModel;
      };
      const offer = createSizesOffer();
      const question = 'Kubo [x]\u2060(command:y) lists pins without sizes. Asking for the sizes of 20,001 pins takes long';
      list.model = listWith({ sizing: 'asking' });
      offer(list);
      assert.equal(await shown('20,001'), undefined);
      list.model = listWith({});
      offer(list);
      await post('toast', [question, 'Ask for Sizes']);
      await until('the sizes are asked for', () => Promise.resolve(asked === 1));
      offer(list);
      await sleep(500);
      assert.equal(await shown('20,001'), undefined);
      list.model = listWith({ view: { group: 'type' } });
      offer(list);
      await post('awaitToast', [question]);
      assert.equal(asked, 1);
    });
  });
}
