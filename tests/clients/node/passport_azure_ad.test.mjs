// Members and guests sign in, seen by passport-azure-ad over https.

import assert from 'node:assert/strict';
import express from 'express';
import session from 'express-session';
import passport from 'passport';
import azure from 'passport-azure-ad';

import { begin, testThreePeople } from './case.mjs';
import { assertClaims } from './people.mjs';
import { CONTOSO_WEB } from './registrations.mjs';
import { CONTOSO } from './server.mjs';
import { listen, signInTo } from './web_app.mjs';

/** What `passport` is for one application: tests do not share strategies. */
function strategy(server, origin, found) {
  const options = {
    identityMetadata: `${server.issuer(CONTOSO)}/.well-known/openid-configuration`,
    clientID: CONTOSO_WEB.client,
    clientSecret: CONTOSO_WEB.secret,
    redirectUrl: `${origin}/auth/callback`,
    allowHttpForRedirectUrl: true,
    responseType: 'code id_token',
    responseMode: 'form_post',
    scope: ['profile', 'email', 'offline_access', 'User.Read'],
    loggingLevel: 'error',
  };
  return new azure.OIDCStrategy(options, (iss, sub, profile, accessToken, refreshToken, done) => {
    found({ iss, sub, profile, accessToken, refreshToken });
    done(null, profile);
  });
}

testThreePeople('passport-azure-ad', async (t, person) => {
  const { server, browser } = await begin(t);
  const app = express();
  const origin = await listen(t, app);
  let found;
  const authenticator = new passport.Passport();
  authenticator.serializeUser((user, done) => done(null, user));
  authenticator.use(strategy(server, origin, (what) => { found = what; }));
  app.use(express.urlencoded({ extended: true }));
  app.use(session({ secret: 'only for this test', resave: false, saveUninitialized: true }));
  app.use(authenticator.initialize());
  app.get('/login', authenticator.authenticate('azuread-openidconnect'));
  app.post(
    '/auth/callback',
    authenticator.authenticate('azuread-openidconnect', { failWithError: true }),
    (request, answer) => answer.send(`<main>${request.user.upn}</main>`),
  );

  const visitor = await signInTo(origin, server, browser, person);
  assert.ok(found, visitor.text);
  assertClaims(found.profile._json, server, person, CONTOSO_WEB.client);
  assert.equal(found.iss, server.issuer(CONTOSO));
  assert.equal(found.profile.oid, person.oid);
  assert.equal(found.profile._json.email, person.address);
  assert.ok(found.accessToken && found.refreshToken);
});
