// The one Chromium of a test file, and contexts that notice what a page must not do.

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before } from 'node:test';
import { chromium } from 'playwright-core';

let browser;

export const executable = () => process.env.GUESTPASS_CHROMIUM ?? '/usr/bin/chromium';

/** Starts Chromium before the tests of the calling file and ends it after them. */
export function useChromium() {
  before(async () => {
    browser = await chromium.launch({ executablePath: executable() });
  });
  after(() => browser?.close());
}

/**
 * A page in a profile of its own, ended with the test `t`. The test fails if the page called
 * another host than those named, or wrote an error to the console.
 */
export async function openPage(t, origins, options = {}) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  const complaints = [];
  context.on('request', (request) => {
    const { origin, protocol } = new URL(request.url());
    if (protocol !== 'data:' && !origins.includes(origin)) {
      complaints.push(`request to ${request.url()}`);
    }
  });
  page.on('pageerror', (error) => complaints.push(`script error: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error' && !isRefusedPage(message, page)) {
      complaints.push(`console: ${message.text()} at ${message.location().url}`);
    }
  });
  t.after(() => context.close());
  const unharmed = () => assert.deepEqual(complaints, []);
  return { page, unharmed };
}

/** Chromium also reports it as an error when the page itself came with a status such as 400. */
function isRefusedPage(message, page) {
  return message.text().startsWith('Failed to load resource: the server responded with a status of 4')
    && message.location().url === page.url();
}

/** Presses a control and waits for the page that follows. */
export async function press(page, selector) {
  await Promise.all([page.waitForEvent('load'), page.click(selector)]);
}

/** Waits until the page with this heading is shown. */
export async function expectPage(page, heading) {
  const shown = await page.locator('h1').innerText();
  assert.equal(shown, heading, `at ${page.url()}: ${await page.locator('body').innerText()}`);
}

/** The application of the test: something that listens at its redirect URI, on a free port. */
export async function startApplication(t) {
  const listener = createServer((_, answer) => {
    answer.setHeader('content-type', 'text/html').end('<title>App</title><h1>Back in the app</h1>');
  });
  await new Promise((resolve) => { listener.listen(0, '127.0.0.1', resolve); });
  t.after(() => {
    listener.closeAllConnections();
    listener.close();
  });
  const origin = `http://localhost:${listener.address().port}`;
  return { origin, callback: `${origin}/auth/callback` };
}
