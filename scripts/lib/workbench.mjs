// The workbench in Chromium: all selectors and gestures are here.
import { setTimeout as sleep } from 'node:timers/promises';
import { takeBrowser } from './browser.mjs';
import { atMost } from './run.mjs';

/** VS Code's name for the resources of its webviews, pictures for instance: only a service worker in the page responds to them. */
const OF_WEBVIEWS = '.vscode-resource.vscode-cdn.net';

/** Two windows for two processors: each waits much of its time, for requests, for quiet, for drawing. */
export const inWindow = atMost(2);

/** Opens a folder of a code-server, in a context of its own: no window sees what another one stores. close() ends it. */
export async function openWorkbench({ url, folder, chromium, viewport = { width: 1280, height: 800 } }) {
  const { browser, leave } = await takeBrowser(chromium);
  let context;
  const close = () => Promise.resolve(context?.close()).finally(leave);
  try {
    context = await browser.newContext({
      viewport,
      permissions: ['clipboard-read', 'clipboard-write'],
      extraHTTPHeaders: { 'accept-encoding': 'identity' }, // else 20 MB are compressed for each window
    });
    const page = await context.newPage();
    const foreignHosts = new Set();
    page.on('request', (request) => {
      const { hostname } = new URL(request.url());
      if (hostname !== '' && hostname !== '127.0.0.1' && !hostname.endsWith(OF_WEBVIEWS)) foreignHosts.add(hostname);
    });
    const target = new URL(url);
    target.searchParams.set('folder', folder);
    await page.goto(target.href, { waitUntil: 'domcontentloaded' });
    await page.locator('.monaco-workbench .statusbar').waitFor({ timeout: 60_000 });
    await page.evaluate("navigator.clipboard.writeText('')"); // what a window before this one has copied
    return { page, foreignHosts, ...gestures(page), close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The areas in which text is drawn, by name. */
const AREAS = {
  prompt: '.quick-input-widget .quick-input-message',
  pick: '.quick-input-list .monaco-list-row',
  title: '.quick-input-widget .quick-input-title',
  toast: '.notifications-toasts .notification-list-item',
  dialog: '.monaco-dialog-box',
  row: '.tree-explorer-viewlet-tree-view .monaco-list-row',
  message: '.pane .message',
  hover: '.monaco-hover, .workbench-hover',
  editor: '.editor-group-container.active .view-lines',
  explorer: '.explorer-folders-view .monaco-list-row',
};

const VIEW = '.tree-explorer-viewlet-tree-view';
/** Longer than facts are collected for before rows are drawn again (kindsHere, rowFacts). */
const STEADY_MS = 400;
const STATUS = '[id="ipfs-kit.ipfs-kit.ipfsKit.daemon"]';

function gestures(page) {
  const palette = page.locator('.quick-input-widget');
  const pane = page.locator('.pane', { has: page.locator('.pane-header', { hasText: 'Pins' }) }).first();
  const rows = pane.locator(`${VIEW} .monaco-list-row`);
  /** The text of an editor; it is complete as long as it fits. */
  const linesOf = async (editor) => {
    const lines = await editor.locator('.view-line').evaluateAll((all) =>
      all
        .map((line) => ({ top: parseFloat(line.style.top), text: line.textContent }))
        .sort((a, b) => a.top - b.top)
        .map((line) => line.text.replaceAll('\u00a0', ' ')),
    );
    return lines.join('\n');
  };

  /**
   * Runs a command by its title. A workbench that has just opened doesn't know the commands of extensions yet, and a closing palette is in the way for a
   * moment.
   */
  const run = async (title) => {
    const input = palette.locator('input[placeholder^="Type the name of a command"]');
    for (const end = Date.now() + 45_000; ;) {
      try {
        await palette.waitFor({ state: 'hidden', timeout: 2000 });
        await page.keyboard.press('F1');
        await input.fill(`>${title}`, { timeout: 2000 });
        return await pick(title, 2000);
      } catch (error) {
        if (Date.now() > end) throw error;
        await page.keyboard.press('Escape');
      }
    }
  };
  /** Clicks an entry of a list of choices; again where the hover of another entry was above it, which goes with the pointer. */
  const pick = async (label, timeout = 8000) => {
    const entry = page.locator('.quick-input-list .monaco-list-row', { hasText: label }).first();
    for (const end = Date.now() + timeout; ;) {
      try {
        return await entry.click({ timeout: 2000 });
      } catch (error) {
        if (Date.now() >= end) throw error;
        await page.mouse.move(640, 780);
      }
    }
  };
  const press = (within, name) => within.locator('a.monaco-button', { hasText: name }).first().click({ timeout: 8000 });

  /** What the Pins view shows now, read in one turn of the page: its parts belong together, and journeys that wait read it often. */
  const view = () =>
    page.evaluate(
      ([tree, status]) => {
        const { document } = globalThis;
        const text = (element) => (element?.innerText ?? '').replace(/\s+/g, ' ').trim();
        const panes = [...document.querySelectorAll('.pane')];
        const pane = panes.find((each) => /pins/i.test(each.querySelector('.pane-header')?.textContent ?? ''));
        const within = (selector) => pane?.querySelector(selector);
        return {
          rows: [...(pane?.querySelectorAll(`${tree} .monaco-list-row`) ?? [])].map((row) => ({
            label: row.querySelector('.label-name')?.textContent ?? '',
            description: row.querySelector('.label-description')?.textContent ?? '',
            spoken: row.getAttribute('aria-label') ?? '',
          })),
          description: text(within('.pane-header .description')),
          message: text(within('.message')),
          welcome: text(within('.welcome-view-content')),
          busy: Boolean(within('.monaco-progress-container.active')),
          status: text(document.querySelector(status)),
        };
      },
      [VIEW, STATUS],
    );

  /** Waits until the view shows the expected content; the error says what it showed instead. */
  const waitForView = async (what, wanted, timeoutMs = 30_000) => {
    let seen;
    for (const end = Date.now() + timeoutMs; Date.now() < end; await sleep(100)) {
      seen = await view();
      if (wanted(seen)) return seen;
    }
    throw new Error(`The view did not show ${what} within ${timeoutMs / 1000} s. It shows ${JSON.stringify(seen, null, 1)}`);
  };

  /** The accessible name of what has the focus: in a list that is a row. `nothing` where the document's body has it. */
  const focused = () =>
    page.evaluate(() => {
      const { activeElement, body } = globalThis.document;
      if (!activeElement || activeElement === body) return 'nothing';
      const row = globalThis.document.getElementById(activeElement.getAttribute('aria-activedescendant') ?? '');
      const element = row ?? activeElement;
      return (element.getAttribute('aria-label') ?? element.getAttribute('placeholder') ?? element.textContent ?? '').trim();
    });

  const waitForFocus = async (wanted, timeoutMs = 15_000) => {
    let name = '';
    for (const end = Date.now() + timeoutMs; Date.now() < end; await sleep(100)) {
      name = await focused();
      if (wanted.test(name)) return name;
    }
    throw new Error(`Expected the focus on ${wanted}, but ${JSON.stringify(name)} has it.`);
  };

  /** The text on the clipboard, once it is the expected text. */
  const clipboard = async (wanted, timeoutMs = 8000) => {
    let text = '';
    for (const end = Date.now() + timeoutMs; Date.now() < end; await sleep(100)) {
      text = await page.evaluate('navigator.clipboard.readText()');
      if (wanted(text)) return text;
    }
    throw new Error(`The clipboard did not have the expected text within ${timeoutMs / 1000} s. It has ${JSON.stringify(text)}`);
  };

  const waitForText = async (what, within, wanted, timeoutMs = 10_000) => {
    let shown = '';
    for (const end = Date.now() + timeoutMs; Date.now() < end; await sleep(100)) {
      shown = await linesOf(within);
      if (wanted(shown)) return shown;
    }
    throw new Error(`The ${what} did not show the expected text within ${timeoutMs / 1000} s. It shows ${JSON.stringify(shown)}`);
  };

  /** The tooltip of a row. A row that is redrawn under a resting pointer shows none. */
  const hover = async (row, content) => {
    const tooltip = page.locator('.monaco-hover, .workbench-hover').filter({ hasText: content }).first();
    for (const end = Date.now() + 20_000; ;) {
      try {
        await page.mouse.move(640, 400);
        await row.hover({ timeout: 2000 });
        return await tooltip.waitFor({ timeout: 3000 });
      } catch (error) {
        if (Date.now() > end) throw error;
      }
    }
  };

  /** Waits until a row has looked the same for STEADY_MS: VS Code loses a click on a row that it draws again at that moment, as it does once facts are known. */
  const steady = async (row) => {
    let before;
    for (const end = Date.now() + 8000; Date.now() < end; await sleep(STEADY_MS)) {
      const now = await row.evaluate(({ outerHTML }) => outerHTML, undefined, { timeout: 8000 });
      if (now === before) return;
      before = now;
    }
  };

  /** Clicks a row, identified by what is said of it, until it is selected: rows may be redrawn between finding and clicking one. */
  const select = async (spoken) => {
    const row = pane.locator(`${VIEW} .monaco-list-row[aria-label=${JSON.stringify(spoken)}]`).first();
    for (const end = Date.now() + 20_000; ;) {
      try {
        await steady(row);
        await row.click({ timeout: 2000 });
        return await waitForSelected(spoken, 2000);
      } catch (error) {
        if (Date.now() > end) throw error;
      }
    }
  };

  const waitForSelected = async (spoken, timeoutMs = 10_000) => {
    let selected;
    for (const end = Date.now() + timeoutMs; Date.now() < end; await sleep(100)) {
      selected = await pane
        .locator(`${VIEW} .monaco-list-row.selected`)
        .evaluateAll((all) => all.map((row) => row.getAttribute('aria-label') ?? ''));
      if (selected.length === 1 && selected[0] === spoken) return;
    }
    throw new Error(`Expected ${JSON.stringify(spoken)} to be selected, but ${JSON.stringify(selected)} is.`);
  };

  /** Waits until the list has the keyboard, and this row in it the focus. */
  const waitForFocusedRow = async (label, timeoutMs = 10_000) => {
    let focused;
    for (const end = Date.now() + timeoutMs; Date.now() < end; await sleep(100)) {
      focused = await page.evaluate((view) => {
        const { activeElement } = globalThis.document;
        const row = activeElement?.closest(view) && activeElement.querySelector('.monaco-list-row.focused .label-name');
        return row ? row.textContent : `${activeElement?.tagName}.${activeElement?.className}`;
      }, VIEW);
      if (focused === label) return;
    }
    throw new Error(`Expected the row ${JSON.stringify(label)} to have the focus, but ${JSON.stringify(focused)} has.`);
  };

  /**
   * Waits until an area shows a text, and returns the complete text of the area. Links and icons in the page that come from that text are returned as `live`,
   * and clicked.
   */
  const drawn = async (area, mark, icon) => {
    const within = page.locator(AREAS[area]).filter({ hasText: mark }).first();
    await within.waitFor({ timeout: 20_000 });
    const text = await within.evaluate((element) => element.innerText.replaceAll('\u00a0', ' '));
    const live = await page.evaluate(
      ([mark, icon]) => {
        const all = [...globalThis.document.querySelectorAll(`a[href], [data-href], .detected-link, .codicon-${icon}`)];
        const visible = all.filter((element) => element.getClientRects().length > 0);
        const own = visible.filter((element) =>
          [element.textContent, element.getAttribute('href'), element.getAttribute('data-href'), element.className].some(
            (each) => typeof each === 'string' && (each.includes(mark) || each.includes(`codicon-${icon}`)),
          ),
        );
        for (const element of own) {
          element.addEventListener('click', (event) => event.preventDefault()); // the page stays where it is
          if (/command:/.test(element.outerHTML)) element.click();
        }
        return own.map((element) => element.outerHTML);
      },
      [mark, icon],
    );
    return { text, live };
  };

  return {
    run,
    drawn,
    hover,
    select,
    /** Replaces the text of the open input box. */
    typeInBox: (text) => palette.locator('input').first().fill(text, { timeout: 10_000 }),
    /** Answers the dialog that asks for a file name, which is a quick pick in a workbench that isn't on the desktop. */
    saveAs: async (title, file) => {
      const input = palette.filter({ hasText: title }).locator('input').first();
      // It fills in the proposed name after it has read the folder.
      for (let shown = ''; shown !== file; await sleep(300)) {
        await input.waitFor({ timeout: 15_000 });
        if ((await input.inputValue()) !== '') await input.fill(file);
        await sleep(300);
        shown = await input.inputValue();
      }
      await page.keyboard.press('Enter');
    },
    /** Clicks a row, and once more where it stays collapsed, as a person would: `steady` can't know that a row is about to be drawn again. */
    clickRow: async (label) => {
      const row = rows
        .filter({ has: page.locator('.label-name', { hasText: new RegExp(`^${label.replace(/[^\w]/g, '\\$&')}$`) }) })
        .first();
      const isCollapsed = () =>
        row.getAttribute('aria-expanded', { timeout: 2000 }).then(
          (value) => value === 'false',
          () => false, // the click has taken the row away
        );
      await steady(row);
      const wasCollapsed = await isCollapsed();
      await row.click({ timeout: 8000 });
      if (!wasCollapsed) return;
      for (const end = Date.now() + 3000; await isCollapsed(); await sleep(50))
        if (Date.now() > end) return row.click({ timeout: 8000 });
    },
    /** Opens the menu of a row. VS Code loses a click on a row that it draws again at that moment. */
    rowMenu: async (row) => {
      const menu = page.locator('.monaco-menu').first();
      for (const end = Date.now() + 20_000; ;) {
        try {
          await steady(row);
          await row.click({ button: 'right', timeout: 8000 });
          await menu.waitFor({ timeout: 3000 });
          return menu;
        } catch (error) {
          if (Date.now() > end) throw error;
        }
      }
    },
    waitForSelected,
    waitForFocusedRow,
    waitForFocus,
    /** The text of the selected log in the Output panel. */
    logText: (wanted) => waitForText('log', page.locator('.part.panel .output-view'), wanted),
    outputChannel: async () => {
      const selected = page.locator('.part.panel select option:checked').first();
      await selected.waitFor({ state: 'attached', timeout: 10_000 });
      return selected.textContent();
    },
    clipboard,
    /** The text of the active editor. */
    editorText: (wanted) => waitForText('editor', page.locator('.editor-group-container.active'), wanted),
    quickPickRow: (content) => page.locator('.quick-input-list .monaco-list-row', { hasText: content }),
    hoverRow: (content) => hover(rows.filter({ hasText: content }).first(), content),
    hoverStatus: (content) => hover(page.locator(STATUS), content),
    /** Presses Escape until no choice or input is open: a busy workbench may lose the key. */
    closeQuickPick: async () => {
      for (const end = Date.now() + 15_000; ;) {
        await page.keyboard.press('Escape');
        try {
          return await palette.waitFor({ state: 'hidden', timeout: 2000 });
        } catch (error) {
          if (Date.now() > end) throw error;
        }
      }
    },
    pick,
    view,
    waitForView,
    rows,
    // A click closes an open container, and a reloaded window may open it meanwhile.
    openContainer: async () => {
      const icon = page.locator('.activitybar [aria-label^="IPFS Kit"]').first(); // the number of failed pins follows
      do {
        if (!(await pane.isVisible())) await icon.click({ force: true });
        await page.waitForTimeout(500);
      } while (!(await pane.isVisible()));
    },
    dialog: page.locator('.monaco-dialog-box'),
    // The first of them: while VS Code draws a notification again, both its old and its new element are there.
    toast: (content) => page.locator('.notifications-toasts .notification-list-item', { hasText: content }).first(),
    /** The toasts that are shown now: their texts, and how much of the work is done where they have a bar for it, such as `50%`. */
    toasts: () =>
      page.locator('.notifications-toasts .notification-list-item').evaluateAll((all) =>
        all.map((toast) => ({
          text: toast.querySelector('.notification-list-item-message')?.textContent ?? '',
          done: toast.parentElement?.querySelector('.monaco-progress-container.discrete .progress-bit')?.style.width ?? '',
        })),
      ),
    pressDialog: (name) => press(page.locator('.monaco-dialog-box'), name),
    pressToast: (content, name) =>
      press(page.locator('.notifications-toasts .notification-list-item', { hasText: content }), name),
    // A link that is the only content of its line is drawn as a button, others as links.
    pressWelcome: (name) => pane.locator('.welcome-view-content a', { hasText: name }).first().click({ timeout: 8000 }),
    clickStatus: () => page.locator(STATUS).click(),
    screenshot: (file) => page.screenshot({ path: file }),
  };
}
