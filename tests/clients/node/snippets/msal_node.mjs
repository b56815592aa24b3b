// npm install @azure/msal-node express express-session
import { ConfidentialClientApplication, CryptoProvider } from '@azure/msal-node';
import express from 'express';
import session from 'express-session';

const AUTHORITY = process.env.AUTHORITY ?? 'https://localhost:8443/c0a70500-0000-4000-8000-00000000c0a7';
const PORT = process.env.PORT ?? 3000;

const contoso = new ConfidentialClientApplication({
  auth: {
    clientId: 'c0a70500-0000-4000-8000-0000000000a1',
    clientSecret: 'contoso-web-secret',
    authority: AUTHORITY,
    // Not a host of Microsoft's: MSAL is not to ask login.microsoftonline.com about it.
    knownAuthorities: [new URL(AUTHORITY).host],
  },
});
const request = { scopes: ['User.Read'], redirectUri: `http://localhost:${PORT}/auth/callback` };

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
  const result = await contoso.acquireTokenByCode({ ...request, ...session.signIn, code: query.code }, query);
  response.json(result.idTokenClaims);
});

app.listen(PORT, () => console.log(`http://localhost:${PORT}`));
