// npm install passport-azure-ad passport express express-session
import express from 'express';
import session from 'express-session';
import passport from 'passport';
import azure from 'passport-azure-ad';

const AUTHORITY = process.env.AUTHORITY ?? 'https://localhost:8443/c0a70500-0000-4000-8000-00000000c0a7';
const PORT = process.env.PORT ?? 3000;

passport.use(new azure.OIDCStrategy(
  {
    identityMetadata: `${AUTHORITY}/v2.0/.well-known/openid-configuration`,
    clientID: 'c0a70500-0000-4000-8000-0000000000a1',
    clientSecret: 'contoso-web-secret',
    redirectUrl: `http://localhost:${PORT}/auth/callback`,
    allowHttpForRedirectUrl: true,
    responseType: 'code id_token',
    responseMode: 'form_post',
    scope: ['profile', 'email', 'User.Read'],
    loggingLevel: 'error',
  },
  (profile, done) => done(null, profile),
));
passport.serializeUser((user, done) => done(null, user));
passport.deserializeUser((user, done) => done(null, user));

const app = express();
app.use(express.urlencoded({ extended: true }));
app.use(session({ secret: 'a secret of this application', resave: false, saveUninitialized: true }));
app.use(passport.initialize(), passport.session());

const signIn = passport.authenticate('azuread-openidconnect', { failWithError: true });
app.get('/', signIn);
app.post('/auth/callback', signIn, (request, response) => response.json(request.user._json));

app.listen(PORT, () => console.log(`http://localhost:${PORT}`));
