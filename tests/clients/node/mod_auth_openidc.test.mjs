// Members and guests sign in to a site of Debian's Apache with mod_auth_openidc.

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { test } from 'node:test';

import { startApache } from './apache.mjs';
import { Browser } from './browser.mjs';
import { begin } from './case.mjs';
import { ALICE, assertClaims, BOB, FRANK } from './people.mjs';
import { CONTOSO_WEB } from './registrations.mjs';
import { listen, signInTo } from './web_app.mjs';

const opens = (visitor) => visitor.open('/');

/** The variables of a page's environment that begin so, by the rest of their names. */
function environment(page, prefix) {
  const lines = page.split('\n').map((line) => line.trim()).filter((line) => line.startsWith(prefix));
  const pairs = lines.map((line) => line.slice(prefix.length).split(/=(.*)/s));
  return Object.fromEntries(pairs.map(([name, value]) => [name, value]));
}

for (const [flow, more] of [
  ['code', ''],
  ['hybrid by form_post', 'OIDCResponseType "code id_token"\nOIDCResponseMode form_post'],
]) {
  test(`mod_auth_openidc, ${flow}`, async (t) => {
    const { server } = await begin(t);
    const behind = await listen(t, createServer(({ headers }, answer) => answer.end(JSON.stringify(headers))));
    const origin = await startApache(t, server, `ProxyPass /behind ${behind}\n${more}`);
    for (const [name, person] of Object.entries({ Alice: ALICE, Bob: BOB, Frank: FRANK })) {
      await t.test(`${name} signs in and out`, async () => {
        const browser = new Browser(server);
        const visitor = await signInTo(origin, server, browser, person, opens);
        const claims = environment(visitor.text, 'OIDC_CLAIM_');
        assertClaims(claims, server, person, CONTOSO_WEB.client);
        assert.equal(environment(visitor.text, 'REMOTE_').USER, person.address);

        await visitor.open('/behind');
        assert.equal(visitor.json.oidc_claim_oid, person.oid);
        assert.equal(visitor.json.oidc_claim_idp, person.idp);

        await visitor.open(`/auth/callback?${new URLSearchParams({ logout: `${origin}/` })}`);
        assert.equal(visitor.left?.pathname.split('/').at(-1), 'logout', visitor.text);
        await browser.open(visitor.left);
        assert.equal(browser.left?.href, `${origin}/`, browser.text);
        await visitor.open('/');
        await browser.open(visitor.left);
        browser.expect('Sign in');
      });
    }
  });
}
