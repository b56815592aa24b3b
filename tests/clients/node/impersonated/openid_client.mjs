// npm install openid-client express express-session
import express from 'express';
import session from 'express-session';
import * as oidc from 'openid-client';

const entra = await oidc.discovery(
  new URL('https://login.microsoftonline.com/common/v2.0'),
  'fab21ca0-0000-4000-8000-0000000000b1',
  'fabrikam-portal-secret',
);

const app = express();
app.use(session({ secret: 'a secret of this application', resave: false, saveUninitialized: false }));

app.get('/', async ({ session }, response) => {
  session.checks = {
    pkceCodeVerifier: oidc.randomPKCECodeVerifier(),
    expectedState: oidc.randomState(),
    expectedNonce: oidc.randomNonce(),
  };
  response.redirect(oidc.buildAuthorizationUrl(entra, {
    redirect_uri: 'http://localhost:3001/auth/callback',
    scope: 'openid profile email',
    state: session.checks.expectedState,
    nonce: session.checks.expectedNonce,
    code_challenge: await oidc.calculatePKCECodeChallenge(session.checks.pkceCodeVerifier),
    code_challenge_method: 'S256',
  }).href);
});

app.get('/auth/callback', async ({ originalUrl, session }, response) => {
  const url = new URL(originalUrl, 'http://localhost:3001');
  const tokens = await oidc.authorizationCodeGrant(entra, url, session.checks);
  const claims = tokens.claims();
  const info = await oidc.fetchUserInfo(entra, tokens.access_token, claims.sub);
  response.json({ claims, info });
});

app.listen(3001, () => console.log('http://localhost:3001'));
