// The README's pages sign a member and two guests in.
//
// A page has its addresses in its text. Chromium is told that they are those of this test: nothing
// listens on port 8443 or 5173.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { chromium } from 'playwright-core';

import { ALICE, assertClaims, BOB, FRANK } from '../clients/node/people.mjs';
import { CONTOSO_SPA } from '../clients/node/registrations.mjs';
import { startServer } from '../clients/node/server.mjs';
import { executable } from './chromium.mjs';
import { signsIn } from './guest.mjs';

const HERE = new URL('./', import.meta.url);
const SERVER = 'https://localhost:8443';
const PAGE = 'http://localhost:5173/';

/** Serves a page and the packages that it loads until the test `t` ends; returns the port. */
async function servePage(t, file) {
  const listener = createServer(async ({ url }, answer) => {
    const { pathname } = new URL(url, PAGE);
    const isPackage = pathname.startsWith('/node_modules/');
    const found = new URL(isPackage ? `.${pathname}` : file, HERE);
    answer.setHeader('content-type', isPackage ? 'text/javascript' : 'text/html');
    answer.end(await readFile(found));
  });
  await new Promise((resolve) => { listener.listen(0, 'localhost', resolve); });
  t.after(() => {
    listener.closeAllConnections();
    listener.close();
  });
  return listener.address().port;
}

/** A Chromium for which the addresses of the page are these two. */
async function launch(t, server, port) {
  const mapped = [`MAP localhost:8443 ${new URL(server.origin).host}`, `MAP localhost:5173 localhost:${port}`];
  const args = [`--host-resolver-rules=${mapped.join(', ')}`];
  const browser = await chromium.launch({ executablePath: executable(), args });
  t.after(() => browser.close());
  return browser;
}

async function signInOn(page, server, person) {
  await page.goto(PAGE);
  await page.waitForURL(`${SERVER}/**`);
  await signsIn(page, server, person);
  await page.waitForURL(`${PAGE}**`);
  await page.waitForFunction(() => document.body.textContent.startsWith('{'));
  return JSON.parse(await page.locator('body').innerText());
}

for (const [client, file] of [
  ['@azure/msal-browser', 'snippets/msal_browser.html'],
  ['oidc-client-ts', 'snippets/oidc_client_ts.html'],
]) {
  test(`README: ${client}`, async (t) => {
    const listen = ['--http', '127.0.0.1:0', '--https', 'localhost:0', '--origin', SERVER];
    const server = await startServer(t, listen);
    const browser = await launch(t, server, await servePage(t, file));
    for (const [name, person] of Object.entries({ Alice: ALICE, Bob: BOB, Frank: FRANK })) {
      await t.test(`${name} signs in`, async () => {
        // The profile does not know the CA of the server.
        const context = await browser.newContext({ ignoreHTTPSErrors: true });
        const claims = await signInOn(await context.newPage(), server, person);
        assertClaims(claims, { issuer: (tenant) => `${SERVER}/${tenant}/v2.0` }, person, CONTOSO_SPA.client);
        await context.close();
      });
    }
  });
}
