const bridge = process.env['IPFS_KIT_TEST_BRIDGE'];

/** False in desktop VS Code, where the tests can't press buttons or look at the screen. */
export const hasBridge = bridge !== undefined;

export async function post(gesture: string, args: unknown): Promise<unknown> {
  const answer = await fetch(`${bridge ?? ''}/${gesture}`, { method: 'POST', body: JSON.stringify(args) });
  const text = await answer.text();
  if (!answer.ok) throw new Error(text);
  return JSON.parse(text);
}

export interface ShownView {
  readonly rows: readonly { readonly label: string; readonly description: string; readonly spoken: string }[];
  readonly description: string;
  readonly message: string;
  readonly welcome: string;
  readonly busy: boolean;
  readonly status: string;
}

/** What the Pins view and the status bar show now. */
export async function shownView(): Promise<ShownView> {
  return (await post('view', [])) as ShownView;
}

export async function waitForView(what: string, wanted: (view: ShownView) => boolean, timeoutMs = 20_000): Promise<ShownView> {
  let view: ShownView | undefined;
  for (const end = Date.now() + timeoutMs; Date.now() < end;) {
    view = await shownView();
    if (wanted(view)) return view;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`The view did not show ${what}. It shows ${JSON.stringify(view, undefined, 1)}`);
}
