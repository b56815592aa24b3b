// Members and guests sign in, seen by express-openid-connect over https.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import express from 'express';
import connect from 'express-openid-connect';

import { begin, testThreePeople } from './case.mjs';
import { ALICE, assertClaims } from './people.mjs';
import { CONTOSO_WEB } from './registrations.mjs';
import { CONTOSO } from './server.mjs';
import { listen, signInTo } from './web_app.mjs';

test('express-openid-connect: Alice signs out at Contoso, too', async (t) => {
  const { server, browser } = await begin(t);
  const app = express();
  const origin = await listen(t, app);
  app.use(connect.auth({
    issuerBaseURL: server.issuer(CONTOSO),
    baseURL: origin,
    clientID: CONTOSO_WEB.client,
    clientSecret: CONTOSO_WEB.secret,
    clientAuthMethod: 'client_secret_post',
    secret: 'only for the session cookie of this test',
    authRequired: false,
    idpLogout: true,
    routes: { callback: '/auth/callback', postLogoutRedirect: '/' },
    authorizationParams: { response_type: 'code', scope: 'openid profile' },
  }));
  app.get('/', (request, answer) => {
    answer.send(`<main>${request.oidc.isAuthenticated() ? 'in' : 'out'}</main>`);
  });

  const visitor = await signInTo(origin, server, browser, ALICE);
  assert.equal(visitor.text, 'in');
  await visitor.open('/logout');
  assert.equal(visitor.left?.origin, server.origin);
  await browser.open(visitor.left);
  assert.equal(browser.left?.href, `${origin}/`, browser.text);
  await visitor.open(browser.left);
  assert.equal(visitor.text, 'out');
  await visitor.open('/login');
  await browser.open(visitor.left);
  browser.expect('Sign in');
});

testThreePeople('express-openid-connect', async (t, person) => {
  const { server, browser } = await begin(t);
  const app = express();
  const origin = await listen(t, app);
  const seen = [];
  app.use(connect.auth({
    issuerBaseURL: server.issuer(CONTOSO),
    baseURL: origin,
    clientID: CONTOSO_WEB.client,
    clientSecret: CONTOSO_WEB.secret,
    clientAuthMethod: 'client_secret_post',
    secret: 'only for the session cookie of this test',
    authRequired: false,
    routes: { callback: '/auth/callback' },
    authorizationParams: {
      response_type: 'code',
      scope: 'openid profile email offline_access User.Read',
    },
  }));
  app.get('/', connect.requiresAuth(), async (request, answer) => {
    const { oidc } = request;
    seen.push({ claims: oidc.idTokenClaims, info: await oidc.fetchUserInfo() });
    const fresh = await oidc.accessToken.refresh();
    seen.push({ fresh: fresh.access_token });
    answer.send(`<main>${oidc.user.email}</main>`);
  });

  const visitor = await signInTo(origin, server, browser, person);
  assert.equal(visitor.text, person.address);
  const [{ claims, info }, { fresh }] = seen;
  assertClaims(claims, server, person, CONTOSO_WEB.client);
  assert.equal(info.email, person.address);
  assert.ok(fresh);
});
