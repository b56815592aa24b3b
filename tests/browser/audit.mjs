// What holds for every page, in every look: a heading, names for controls, no overflow, the keyboard.

import assert from 'node:assert/strict';

const CONTROLS = 'input:not([type=hidden]), button, select, textarea, summary';
const MAX_TABS = 60;

/** Checks the page that is shown; `primary` is the control that a keyboard must reach. */
export async function audit(page, primary) {
  assert.equal(await page.locator('h1').count(), 1, 'exactly one h1');
  await everyControlHasAName(page);
  await nothingOverflows(page);
  await noTextLiesUnderAControl(page);
  await tabReaches(page, primary);
}

async function everyControlHasAName(page) {
  for (const control of await page.locator(CONTROLS).all()) {
    if (!await control.isVisible()) continue;
    const html = await control.evaluate((element) => element.outerHTML);
    const seen = await control.ariaSnapshot();
    // A control without a name is only its role there, such as `- button`.
    assert.match(seen, /^- \w+ "[^"]+"|^- text: \S/, `a control without a name: ${html}`);
  }
}

async function nothingOverflows(page) {
  const { content, window } = await page.evaluate(() => ({
    content: document.documentElement.scrollWidth,
    window: document.documentElement.clientWidth,
  }));
  assert.ok(content <= window, `the page is ${content} px wide in a window of ${window} px`);
}

async function noTextLiesUnderAControl(page) {
  const covered = await page.evaluate(() => {
    // A hair's breadth is rounding.
    const overlap = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 2
      && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 2;
    const controls = [...document.querySelectorAll('a, button, input, summary')];
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const range = document.createRange();
    const found = [];
    while (texts.nextNode()) {
      const text = texts.currentNode;
      // What is folded away or scrolled out of sight has a place on the page, but is not seen there.
      if (!text.parentElement.checkVisibility() || text.parentElement.closest('.scroll, .terms')) continue;
      range.selectNodeContents(text);
      const lines = [...range.getClientRects()];
      for (const control of controls) {
        if (control.contains(text)) continue;
        const boxes = [...control.getClientRects()];
        if (boxes.some((box) => lines.some((line) => overlap(box, line)))) {
          found.push(`${control.outerHTML.slice(0, 80)} covers "${text.data.trim()}"`);
        }
      }
    }
    return found;
  });
  assert.deepEqual(covered, []);
}

async function tabReaches(page, primary) {
  // From the top of the page, wherever autofocus has put the focus.
  await page.evaluate(() => document.activeElement?.blur());
  for (let tabs = 0; tabs < MAX_TABS; tabs += 1) {
    await page.keyboard.press('Tab');
    const outline = await page.locator(primary).evaluateAll((elements) => {
      const focused = elements.find((element) => element === document.activeElement);
      return focused && getComputedStyle(focused).outlineStyle;
    });
    if (!outline) continue;
    assert.notEqual(outline, 'none', `nothing shows that ${primary} has the focus`);
    return;
  }
  assert.fail(`Tab does not reach ${primary} at ${page.url()}`);
}
