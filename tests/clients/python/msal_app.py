"""Applications that sign their users in with msal, as its manual says."""

from msal import ConfidentialClientApplication

from server import IMPERSONATED

SCOPES = ["User.Read"]


class MsalApp:
    """An application at one tenant. It may share its token cache with itself at another."""

    def __init__(self, server, registration, tenant, cache=None, scopes=SCOPES):
        self._scopes = scopes
        self._callback = registration.callback
        self._flow = None
        self.msal = ConfidentialClientApplication(
            registration.client,
            client_credential=registration.secret,
            authority=f"{server.origin}/{tenant}",
            token_cache=cache,
            # It would ask login.microsoftonline.com whether this host is one of its own.
            **({} if IMPERSONATED else {"instance_discovery": False}),
        )

    def begin(self):
        """Where to send the browser."""
        self._flow = self.msal.initiate_auth_code_flow(
            self._scopes, redirect_uri=self._callback, response_mode="form_post"
        )
        return self._flow["auth_uri"]

    def finish(self, browser):
        """Back at the callback: msal checks state, PKCE and nonce."""
        browser.returns_to_application()
        assert browser.left == self._callback, browser.left
        return self.msal.acquire_token_by_auth_code_flow(self._flow, browser.posted)

    @property
    def account(self):
        (account,) = self.msal.get_accounts()
        return account

    def silently(self, **how):
        return self.msal.acquire_token_silent_with_error(self._scopes, self.account, **how)
