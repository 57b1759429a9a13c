import assert from 'node:assert/strict';

export const title = 'nothing found: the view says what to do, and shows the sample on request';

export async function journey({ workbench, screenshot }) {
  await workbench.openContainer();
  const { rows, welcome, status } = await workbench.waitForView('the welcome text', (view) =>
    /No pins were found/.test(view.welcome),
  );
  assert.deepEqual(rows, []);
  assert.match(welcome, /Try Again.*Show Sample Pins/s);
  assert.match(status, /^IPFS: not connected$/);
  await screenshot('welcome');
  await workbench.pressWelcome('Show Sample Pins');
  const sample = await workbench.waitForView('the sample', (view) => view.rows.length === 12);
  assert.match(sample.message, /^12 pins · sample/);
}
