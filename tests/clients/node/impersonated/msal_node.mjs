// npm install @azure/msal-node express express-session
import { ConfidentialClientApplication, CryptoProvider } from '@azure/msal-node';
import express from 'express';
import session from 'express-session';

const contoso = new ConfidentialClientApplication({
  auth: {
    clientId: 'c0a70500-0000-4000-8000-0000000000a1',
    clientSecret: 'contoso-web-secret',
    authority: 'https://login.microsoftonline.com/c0a70500-0000-4000-8000-00000000c0a7',
  },
});
const request = { scopes: ['User.Read'], redirectUri: 'http://localhost:3000/auth/callback' };

const app = express();
app.use(session({ secret: 'a secret of this application', resave: false, saveUninitialized: false }));

app.get('/', async ({ session }, response) => {
  const crypto = new CryptoProvider();
  const { verifier, challenge } = await crypto.generatePkceCodes();
  session.signIn = { state: crypto.createNewGuid(), codeVerifier: verifier };
  response.redirect(await contoso.getAuthCodeUrl({
    ...request,
    state: session.signIn.state,
    codeChallenge: challenge,
    codeChallengeMethod: 'S256',
  }));
});

app.get('/auth/callback', async ({ query, session }, response) => {
  const { account } = await contoso.acquireTokenByCode({ ...request, ...session.signIn, code: query.code }, query);
  const { accessToken } = await contoso.acquireTokenSilent({ account, scopes: request.scopes, forceRefresh: true });
  const me = await fetch('https://graph.microsoft.com/v1.0/me', {
    headers: { authorization: `Bearer ${accessToken}` },
  });
  response.json({ claims: account.idTokenClaims, account: account.homeAccountId, me: await me.json() });
});

app.listen(3000, () => console.log('http://localhost:3000'));
