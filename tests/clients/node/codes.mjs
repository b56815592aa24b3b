// Sign-ins without a library, for those that only redeem codes.

import assert from 'node:assert/strict';

import * as guest from './guest.mjs';
import { CONTOSO_WEB } from './registrations.mjs';
import { CONTOSO } from './server.mjs';

/** The code of a whole sign-in at Contoso Web. */
export async function obtainCode(server, browser, person) {
  await browser.open(`/${CONTOSO}/oauth2/v2.0/authorize?${new URLSearchParams({
    client_id: CONTOSO_WEB.client,
    response_type: 'code',
    redirect_uri: CONTOSO_WEB.callback,
    scope: 'openid profile offline_access User.Read',
    state: 'state-1',
  })}`);
  await guest.signsIn(browser, server, person);
  assert.ok(browser.left, `no way back to the application: ${browser.text}`);
  assert.equal(browser.left.searchParams.get('state'), 'state-1');
  return browser.left.searchParams.get('code');
}
