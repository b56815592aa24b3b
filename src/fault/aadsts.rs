//! The refusals that Entra numbers.
//!
//! Numbers, names, OAuth errors and texts come from Microsoft's list of error codes (entra-docs,
//! `reference-error-codes`) and from recorded answers. Where only the number is published, the
//! sentence is ours and says the same thing.

use super::catalogue;

catalogue! {
    Aadsts 16000 several_sessions() "InteractionRequired"
        ["interaction_required", 400, Redirect]
        "Either multiple user identities are available for the current request or selected account is not supported for the scenario.",
        "`prompt=none` in a browser that is signed in to the tenant with two accounts";
    Aadsts 16001 session_gone() "UserAccountSelectionInvalid"
        ["interaction_required", 200, Page]
        "The account that you selected is signed in no more. Pick another one, or sign in again.",
        "Pick a tile of *Pick an account* that was signed out in another tab meanwhile";
    Aadsts 16002 session_unfit() "AppSessionSelectionInvalid"
        ["interaction_required", 400, Redirect]
        "The app-specified SID requirement was not met: the session cannot be used for this request.",
        "`prompt=none` and the `sid` of a session that is older than `max_age`, or that counts in another tenant only";
    Aadsts 160021 session_unknown() "AppSessionSelectionInvalidSessionNotExist"
        ["interaction_required", 400, Redirect]
        "Application requested a user session which does not exist.",
        "`prompt=none` and a `sid` that no session of the browser has";
    Aadsts 16003 session_of_a_stranger(user, tenant) "SsoUserAccountNotFoundInResourceTenant"
        ["interaction_required", 400, Redirect]
        "The user account '{user}' of the selected session has not been explicitly added to the tenant '{tenant}'.",
        "`prompt=none` and the `sid` of a session in another tenant, of somebody who is no user of this one";
    Aadsts 40008 upstream_unusable(provider, why) "OAuth2IdPUnretryableServerError"
        ["temporarily_unavailable", 502, Page]
        "There's an issue with your federated Identity Provider '{provider}': {why}. Contact your IDP to resolve this issue.",
        "Let a real provider (`google_provider`, `provider` of a tenant) answer with something else than the protocol: HTML, metadata of another issuer, a secret key";
    Aadsts 40010 upstream_unreachable(provider, why) "OAuth2IdPRetryableServerError"
        ["temporarily_unavailable", 503, Page]
        "There's an issue with your federated Identity Provider '{provider}': {why}. Contact your IDP to resolve this issue.",
        "Let a real provider be down, slow, or answer with status 500 or 429";
    Aadsts 50001 resource_not_found(resource) "InvalidResource"
        ["invalid_resource", 400, Redirect]
        "The resource named {resource} does not exist, or is disabled.",
        "Ask for a scope of a resource that no application offers: `api://nowhere/Read`";
    Aadsts 50011 redirect_uri_mismatch(redirect_uri, app) "InvalidReplyTo"
        ["invalid_request", 400, Page]
        "The redirect URI '{redirect_uri}' specified in the request does not match the redirect URIs configured for the application '{app}'. Make sure the redirect URI sent in the request matches one added to the application, byte for byte.",
        "Send a `redirect_uri` that is not registered";
    Aadsts 50014 guest_pending(user, tenant) "GuestUserInPendingState"
        ["interaction_required", 400, Redirect]
        "The guest account '{user}' has not redeemed its invitation to the tenant '{tenant}' yet.",
        "`prompt=none`, or a refresh token of the home, for a guest whose redemption is pending or was reset; `invalid_grant` for a code or refresh token that the tenant itself gave before";
    Aadsts 50020 guest_not_in_tenant(user, idp, tenant, app, app_name) "UserUnauthorized"
        ["access_denied", 400, Page]
        "User account '{user}' from identity provider '{idp}' does not exist in tenant '{tenant}' and cannot access the application '{app}'({app_name}) in that tenant. The account needs to be added as an external user in the tenant first. Sign out and sign in again with a different account.",
        "Sign in at a tenant in which you are neither a member nor a guest";
    Aadsts 50034 account_not_found(user, tenant) "UserAccountNotFound"
        ["invalid_grant", 200, Page]
        "The user account {user} does not exist in the {tenant} directory. To sign into this application, the account must be added to the directory.",
        "Type a name that the tenant does not know";
    Aadsts 50049 instance_unknown(endpoint) "UnknownOrInvalidInstance"
        ["invalid_instance", 400, Json]
        "Unknown or invalid instance: '{endpoint}' is on no host of this server.",
        "Ask `/common/discovery/instance` about another host";
    Aadsts 50053 locked() "IdsLocked"
        ["invalid_grant", 429, Page]
        "The account is locked: an incorrect password or code was typed too many times. It unlocks by itself within 10 minutes.",
        "Type 20 wrong passwords or codes for one address within 10 minutes";
    Aadsts 50056 no_password() "InvalidOrNullPassword"
        ["invalid_grant", 400, Json]
        "Invalid or null password: password does not exist in the directory for this user.",
        "The password grant for a member of a tenant whose users sign in at a real `provider`";
    Aadsts 50057 user_disabled() "UserDisabled"
        ["access_denied", 400, Page]
        "The user account is disabled.",
        "Set `accountEnabled` of a member to false and sign in";
    Aadsts 50058 not_signed_in() "UserInformationNotProvided"
        ["login_required", 400, Redirect]
        "Session information is not sufficient for single-sign-on. This means that a user is not signed in.",
        "`prompt=none` without a session";
    Aadsts 50059 no_tenant_information() "NoTenantInformation"
        ["invalid_request", 400, Json]
        "No tenant-identifying information found in either the request or implied by any provided credentials.",
        "The password grant at `/organizations` for a name whose domain nobody has verified; a device code at `/common` or `/organizations` for a single-tenant application";
    Aadsts 50105 not_assigned(app, app_name, user) "EntitlementGrantsNotFound"
        ["access_denied", 400, Page]
        "Your administrator has configured the application {app_name} ('{app}') to block users unless they are specifically granted ('assigned') access to the application. The signed in user '{user}' is blocked because they are not a direct member of a group with access, nor had access directly assigned by an administrator. Please contact your administrator to assign access to this application.",
        "Sign in to an application with `assignment_required = true` without an assignment";
    Aadsts 50126 wrong_password() "InvalidUserNameOrPassword"
        ["invalid_grant", 200, Page]
        "Error validating credentials due to invalid username or password.",
        "Type a wrong password";
    Aadsts 50128 organization_not_found(organization) "InvalidDomainName"
        ["invalid_request", 200, Page]
        "We couldn't find an organization named '{organization}'. Type its name or one of its domains.",
        "Type an unknown name under Sign-in options → Sign in to an organization";
    Aadsts 50147 code_challenge_invalid() "MissingCodeChallenge"
        ["invalid_request", 400, Redirect]
        "The size of the code challenge parameter isn't valid: a code_challenge has 43 to 128 characters of A-Z, a-z, 0-9, '-', '.', '_' and '~'.",
        "Send a `code_challenge` that is too short or too long, or has other characters";
    Aadsts 50173 grant_revoked() "FreshTokenNeeded"
        ["invalid_grant" + "bad_token", 400, Json]
        "The provided grant has expired due to it being revoked, a fresh auth token is needed. The user might have changed or reset their password.",
        "Redeem a refresh token after its authorization code was presented twice, after a reset, or, with `refresh_token_rotation`, a second time";
    Aadsts 50194 not_multi_tenant(app, app_name, authority) "NotMultiTenant"
        ["invalid_request", 400, Page]
        "Application '{app}'({app_name}) is not configured as a multi-tenant application. Usage of the /{authority} endpoint is not supported for such applications created after '10/15/2018'. Use a tenant-specific endpoint or configure the application to be multi-tenant.",
        "Use a single-tenant application on `/common`";
    Aadsts 500011 resource_not_in_tenant(resource, tenant) "InvalidResourceServicePrincipalNotFound"
        ["invalid_resource", 400, Redirect]
        "The resource principal named {resource} was not found in the tenant named {tenant}. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You might have sent your authentication request to the wrong tenant.",
        "Ask in one tenant for a permission of another tenant's single-tenant API";
    Aadsts 501051 client_not_assigned(app, app_name, resource, resource_name) "InvalidClientAssignment"
        ["invalid_grant", 400, Json]
        "Application '{app}'({app_name}) is not assigned to a role for the application '{resource}'({resource_name}).",
        "Client credentials for a resource that requires assignment and has given the client no role";
    Aadsts 501461 id_token_hint_invalid() "InvalidIdTokenHint"
        ["invalid_request", 400, Redirect]
        "The id_token_hint is not a token that this tenant issued to the application.",
        "Send an unsigned `id_token_hint`, or one of another client or tenant";
    Aadsts 501481 verifier_mismatch() "CodeVerifierMismatch"
        ["invalid_grant", 400, Json]
        "The Code_Verifier does not match the code_challenge supplied in the authorization request.",
        "Redeem a code with a wrong, missing or unexpected `code_verifier`";
    Aadsts 501491 code_challenge_size(size) "InvalidCodeChallengeMethodInvalidSize"
        ["invalid_request", 400, Redirect]
        "Invalid size of Code_Challenge parameter: with the method S256 it has 43 characters, not {size}.",
        "Send a `code_challenge` of 44 to 128 characters with the method S256, such as the verifier itself";
    Aadsts 500202 microsoft_account_guest(user) "UserUnauthorizedMsaPassThru"
        ["invalid_grant", 400, Json]
        "User account '{user}' from external identity provider 'live.com' is not supported for API version '2.0'. Microsoft account pass-thru users and guests are not supported by the tenant-independent endpoint.",
        "Redeem the code of a guest with a Microsoft account at `/common` instead of the tenant's own token endpoint";
    Aadsts 500207 account_type_unfit() "AccountTypeAndResourceIncompatible"
        ["invalid_request", 400, Page]
        "The account type can't be used for the resource you're trying to access.",
        "Type a Microsoft account on `/common` for an application whose `sign_in_audience` is `AzureADMultipleOrgs`";
    Aadsts 500208 domain_of_another_account_type() "InvalidDomainForAccountType"
        ["invalid_request", 400, Json]
        "The domain is not a valid login domain for the account type.",
        "The password grant at `/organizations` for an address of a consumer domain";
    Aadsts 500571 guest_disabled() "GuestUserDisabled"
        ["access_denied", 400, Page]
        "The guest user account is disabled.",
        "Set `accountEnabled` of a guest to false and sign in";
    Aadsts 500112 redirect_uri_differs() "ReplyAddressMismatch"
        ["invalid_grant", 400, Json]
        "The reply address given when the code is redeemed does not match the reply address provided when requesting the authorization code.",
        "Redeem a code with another `redirect_uri`, or without it";
    Aadsts 500113 no_redirect_uri(app) "NoReplyAddress"
        ["invalid_request", 400, Page]
        "No reply address is registered for the application '{app}'.",
        "Sign in to an application without `redirect_uris`";
    Aadsts 54005 code_redeemed() "OAuth2CodeAlreadyRedeemed"
        ["invalid_grant", 400, Json]
        "OAuth2 Authorization code was already redeemed, please retry with a new valid code or use an existing refresh token.",
        "Redeem a code twice; what the first redemption gave is revoked";
    Aadsts 65001 consent_missing(app, app_name) "DelegationDoesNotExist"
        ["consent_required" + "consent_required", 400, Redirect]
        "The user or administrator has not consented to use the application with ID '{app}' named '{app_name}'. Send an interactive authorization request for this user and resource.",
        "`prompt=none` for a scope that nobody consented to";
    Aadsts 65004 user_declined() "UserDeclinedConsent"
        ["access_denied", 400, Redirect]
        "User declined to consent to access the app.",
        "Decline on Review permissions, terms of use or Permissions requested";
    Aadsts 65005 unmanaged_tenant(app_name, domain) "MisconfiguredApplication"
        ["invalid_resource", 400, Page]
        "Using application '{app_name}' is currently not supported for your organization {domain} because it is in an unmanaged state. An administrator needs to claim ownership of the company by DNS validation of {domain} before the application {app_name} can be provisioned.",
        "Sign in as judy@proseware.example on `/common` to Fabrikam Portal: nobody administers Proseware";
    Aadsts 650052 resource_not_subscribed(resource, tenant) "ServiceNotSubscribed"
        ["invalid_client", 400, Redirect]
        "The app needs access to a service ('{resource}') that your organization '{tenant}' has not subscribed to or enabled. Contact your IT Admin to review the configuration of your service subscriptions.",
        "Ask for a permission of a multi-tenant API that has no service principal in the tenant";
    Aadsts 70000 grant_invalid() "InvalidGrant"
        ["invalid_grant", 400, Json]
        "The provided value for the code or refresh token is not valid.",
        "Redeem a code or refresh token that was never issued, or that was issued to another client";
    Aadsts 700005 grant_of_another_tenant() "InvalidGrantRedeemAgainstWrongTenant"
        ["invalid_grant", 400, Json]
        "The provided authorization code is intended to be used against another tenant, and was rejected.",
        "Redeem a code at another tenant's token endpoint";
    Aadsts 700016 application_not_found(app, tenant) "UnauthorizedClient_DoesNotMatchRequest"
        ["unauthorized_client", 400, Page]
        "Application with identifier '{app}' was not found in the directory '{tenant}'. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You may have sent your authentication request to the wrong tenant.",
        "Send an unknown `client_id`";
    Aadsts 700025 public_client_sent_secret() "InvalidClientPublicClientWithCredential"
        ["invalid_client", 401, Json]
        "Client is public so neither 'client_assertion' nor 'client_secret' should be presented.",
        "Send a `client_secret` from a native or single-page application";
    Aadsts 70003 grant_type_unsupported(grant_type) "UnsupportedGrantType"
        ["unsupported_grant_type", 400, Json]
        "The app requested an unsupported grant type '{grant_type}'.",
        "Send an unknown `grant_type`";
    Aadsts 70005 response_type_unsupported(response_type) "UnsupportedResponseType"
        ["unsupported_response_type", 400, Redirect]
        "'{response_type}' is not a supported value of 'response_type'.",
        "Send `response_type=code token`";
    Aadsts 70007 response_mode_unsupported(response_mode) "UnsupportedResponseMode"
        ["invalid_request", 400, Redirect]
        "'{response_mode}' is not a supported value of 'response_mode' for this request: tokens never go in a query string.",
        "Send `response_mode=query` with `response_type=id_token`, or an unknown mode";
    Aadsts 70008 grant_expired() "ExpiredOrRevokedGrant"
        ["invalid_grant", 400, Json]
        "The provided authorization code has expired. Send a new interactive authorization request for this user and resource.",
        "Redeem a code 10 minutes after it was issued";
    Aadsts 700084 spa_refresh_expired() "SpaRefreshTokenExpired"
        ["invalid_grant" + "token_expired", 400, Json]
        "The refresh token was issued to a single page app (SPA), and therefore has a fixed, limited lifetime of 1.00:00:00, which can't be extended. It is now expired and a new sign in request must be sent by the SPA to the sign in page.",
        "Redeem a single-page application's refresh token 24 hours after the sign-in";
    Aadsts 700082 refresh_expired(issued_at) "ExpiredOrRevokedGrantInactiveToken"
        ["invalid_grant" + "bad_token", 400, Json]
        "The refresh token has expired due to inactivity. The token was issued on {issued_at} and was inactive for 90.00:00:00.",
        "Redeem a refresh token 90 days after it was issued";
    Aadsts 70011 scope_invalid(scope) "InvalidScope"
        ["invalid_scope", 400, Redirect]
        "The provided value for the input parameter 'scope' is not valid. The scope {scope} is not valid.",
        "Ask for a permission that the resource does not offer";
    Aadsts 700022 scope_of_several_resources() "InvalidMultipleResourcesScope"
        ["invalid_scope", 400, Json]
        "The provided value for the input parameter 'scope' is not valid because it contains more than one resource. Request a token for one resource at a time.",
        "Name permissions of two resources in one token request";
    Aadsts 7000112 application_disabled(app, app_name) "UnauthorizedClientApplicationDisabled"
        ["unauthorized_client", 400, Page]
        "Application '{app}'({app_name}) is disabled.",
        "Set `account_enabled = false` on the application's service principal; on *Microsoft Invitation Acceptance Portal* it stops every redemption";
    Aadsts 7000215 wrong_secret(app) "InvalidClientSecret"
        ["invalid_client", 401, Json]
        "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '{app}'.",
        "Send a wrong `client_secret`";
    Aadsts 7000218 secret_missing() "MissingClientCredential"
        ["invalid_client", 401, Json]
        "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
        "Leave the secret of a confidential client out, or use the password grant where `is_fallback_public_client` is false";
    Aadsts 7000222 secret_expired(app) "InvalidClientSecretExpiredKeysProvided"
        ["invalid_client", 401, Json]
        "The provided client secret keys for app '{app}' are expired. Visit the Azure portal to create new keys for your app: https://aka.ms/NewClientSecret, or consider using certificate credentials for added security: https://aka.ms/certCreds.",
        "Send a `client_secret` after the application's `secret_end_date_time`";
    Aadsts 700054 response_type_disabled(response_type) "ResponseTypeNotEnabled"
        ["unsupported_response_type", 400, Redirect]
        "Response_type '{response_type}' is not enabled for the application.",
        "Send `response_type=id_token` or `token` where the application does not allow it";
    Aadsts 70016 authorization_pending() "AuthorizationPending"
        ["authorization_pending", 400, Json]
        "OAuth 2.0 device flow error. Authorization is pending. Continue polling.",
        "Poll with a device code before anybody has typed the user code";
    Aadsts 70018 device_code_unknown() "BadVerificationCode"
        ["bad_verification_code", 400, Json]
        "Invalid verification code due to user typing in wrong user code for device code flow.",
        "Poll with a device code that was never issued";
    Aadsts 70019 device_code_expired() "CodeExpired"
        ["expired_token", 400, Page]
        "Verification code expired. Have the app show a new one.",
        "Wait longer than 15 minutes before the code of a device is typed";
    Aadsts 70020 device_declined() "AuthorizationDeclined"
        ["authorization_declined", 400, Json]
        "The end user has denied the device's request.",
        "Press *Cancel* in the sign-in for a device";
    Aadsts 90002 tenant_not_found(tenant) "InvalidTenantName"
        ["invalid_request", 400, Page]
        "Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud. Check with your subscription administrator, this may happen if there are no active subscriptions for the tenant.",
        "Use an unknown tenant in a path or in `?tenantid=`";
    Aadsts 90002 authority_not_found(tenant) "InvalidTenantName"
        ["invalid_tenant", 400, Json]
        "Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud. Check with your subscription administrator, this may happen if there are no active subscriptions for the tenant.",
        "Ask for the discovery document of an unknown tenant";
    Aadsts 90005 hints_contradict(one, other) "InvalidRequestWithMultipleRequirements"
        ["invalid_request", 400, Redirect]
        "Unable to complete the request. The request is not valid because {one} and {other} cannot be used together.",
        "Send `login_hint` with `prompt=select_account`, or with `sid`";
    Aadsts 90019 tenant_undetermined() "MissingTenantRealm"
        ["invalid_request", 400, Json]
        "No tenant-identifying information found in either the request or implied by any provided credentials: an application's own token is of one tenant, so name it in the address.",
        "Client credentials at `/organizations`";
    Aadsts 90027 microsoft_account_at_v1() "MsaTenantNotSupportedByV1"
        ["invalid_request", 400, Page]
        "We are unable to issue tokens from this API version on the MSA tenant. Please contact the application vendor as they need to use version 2.0 of the protocol to support this.",
        "Use a v1.0 endpoint at `/consumers`, or type a Microsoft account on `/common/oauth2/authorize`";
    Aadsts 900144 parameter_missing(parameter) "MissingRequiredField"
        ["invalid_request", 400, Redirect]
        "The request body must contain the following parameter: '{parameter}'.",
        "Leave a required parameter out";
    Aadsts 9002313 request_malformed(why) "InvalidRequest"
        ["invalid_request", 400, Page]
        "Invalid request. Request is malformed or invalid: {why}.",
        "Send a parameter twice, or bytes that are not UTF-8";
    Aadsts 9002313 refresh_token_malformed() "InvalidRequest"
        ["invalid_grant" + "bad_token", 400, Json]
        "Invalid request. Request is malformed or invalid: the refresh token is none of this server's.",
        "Redeem a refresh token that is cut off or made up";
    Aadsts 9002325 pkce_required() "PkceRequired"
        ["invalid_request", 400, Redirect]
        "Proof Key for Code Exchange is required for cross-origin authorization code redemption, and for every public client: send code_challenge with code_challenge_method=S256.",
        "Start a sign-in from a single-page or native application without `code_challenge`";
    Aadsts 9002326 cross_origin_redemption() "CrossOriginNotAllowed"
        ["invalid_request", 400, Json]
        "Cross-origin token redemption is permitted only for the 'Single-Page Application' client-type.",
        "Call the token endpoint from a browser page (with `Origin`) as a web or native application";
    Aadsts 9002327 spa_without_origin() "SpaNeedsOrigin"
        ["invalid_request", 400, Json]
        "Tokens issued for the 'Single-Page Application' client-type may only be redeemed via cross-origin requests.",
        "Redeem a single-page application's code without an `Origin` header";
    Aadsts 9002331 microsoft_accounts_only(app, app_name) "AudienceMismatch"
        ["invalid_request", 400, Page]
        "Application '{app}'({app_name}) is configured for use by Microsoft Account users only. Please use the /consumers endpoint to serve this request.",
        "Use an application whose `sign_in_audience` is `PersonalMicrosoftAccount` anywhere but on `/consumers`";
    Aadsts 9002332 authority_not_for_application(app, app_name, authority) "AudienceMismatch"
        ["unauthorized_client", 400, Page]
        "Application '{app}'({app_name}) is configured for use by Azure Active Directory users only. Please do not use the /{authority} endpoint to serve this request.",
        "Use a work-account application on `/consumers`";
    Aadsts 90010 grant_needs_a_tenant(grant_type) "NotSupported"
        ["invalid_request", 400, Json]
        "The grant type '{grant_type}' is not supported over the /common or /consumers endpoints. Please use the /organizations or tenant-specific endpoint.",
        "Client credentials at `/common`";
    Aadsts 900561 wrong_method(allowed, received) "BadHttpMethod"
        ["invalid_request", 405, Json]
        "The endpoint only accepts {allowed} requests. Received a {received} request.",
        "GET the token endpoint";
    Aadsts 9001023 password_needs_an_organization() "GrantNotSupportedOverEndpoint"
        ["invalid_request", 400, Json]
        "The grant type is not supported over the /common or /consumers endpoints. Please use the /organizations or tenant-specific endpoint.",
        "The password grant at `/common` or `/consumers`";
    Aadsts 90023 parameter_invalid(parameter, why) "InvalidStsRequest"
        ["invalid_request", 400, Redirect]
        "Invalid STS request: the value of '{parameter}' is not valid, {why}.",
        "Send `max_age=-1` or `code_challenge_method=plain`";
    Aadsts 90094 admin_consent_required(scopes) "AdminConsentRequired"
        ["access_denied", 400, Page]
        "The grant requires admin permission. The application asks for {scopes}, which only an administrator of the organization can grant.",
        "Ask for `Files.ReadWrite` of Contoso API as somebody who is not an administrator";
    Aadsts 900971 redirect_uri_missing(app) "NoReplyAddressProvided"
        ["invalid_request", 400, Page]
        "No reply address provided: send the 'redirect_uri' of application '{app}'.",
        "Leave `redirect_uri` out";
    Aadsts 90123 upstream_failed(provider, why) "IdentityProviderAccessDenied"
        ["access_denied", 400, Page]
        "The sign-in at the identity provider '{provider}' did not succeed: {why}.",
        "Cancel at the upstream provider, or let it answer something that does not verify";
}
