//! The refusals that have no number at Entra, under names of our own.

use super::catalogue;

catalogue! {
    Own "assertion-replayed" assertion_replayed() "ClientAssertionReplayed"
        ["invalid_client", 401, Json]
        "The client assertion was used before, and this application's are good once: sign another one, with a jti of its own.",
        "Send one `client_assertion` twice as an application with `strict_client_assertions`";
    Own "body-too-large" body_too_large(limit) "PayloadTooLarge"
        ["invalid_request", 413, Json]
        "The request body is larger than {limit} bytes.",
        "Send more than 64 KiB to the token endpoint or 1 MiB to Graph";
    Own "content-type" content_type_unsupported(expected) "UnsupportedMediaType"
        ["invalid_request", 415, Json]
        "The request body must be sent as {expected}.",
        "POST a form as text/plain, or with Content-Encoding: gzip";
    Own "cross-site" cross_site() "CrossSiteRequest"
        ["access_denied", 403, Json]
        "This address cannot be called from another site's page.",
        "Call the control API from a page of another origin";
    Own "forged-request" forged_request(why) "ForgedRequest"
        ["access_denied", 403, Page]
        "This request does not belong to a sign-in of this browser: {why}.",
        "Post a form without its token, from another page, or with another browser's cookie";
    Own "host-unknown" host_unknown(host) "UnknownOrigin"
        ["invalid_request", 421, Json]
        "The Host '{host}' is no origin of this server. Start it with --origin to add one.",
        "Send a foreign Host header";
    Own "internal" internal() "InternalError"
        ["server_error", 500, Page]
        "Something went wrong inside guestpass. The log has the details under this trace id.",
        "A bug, or a store that cannot be read";
    Own "invitation-invalid" invitation_invalid() "InvitationNotFound"
        ["access_denied", 400, Page]
        "This invitation link is not valid. It may have been replaced by a newer invitation, or the guest was deleted or reset. Ask for a new invitation.",
        "Use the link of an invitation that was sent again";
    Own "invitation-wrong-account" invitation_account_taken(account, tenant) "AccountAlreadyInTenant"
        ["access_denied", 400, Page]
        "The account '{account}' cannot redeem this invitation: it is already a member or guest of {tenant}. Sign in with another account.",
        "Accept an invitation as somebody who is in the tenant already";
    Own "not-found" not_found() "NotFound"
        ["invalid_request", 404, Page]
        "There is nothing at this address.",
        "Open an unknown path";
    Own "out-of-order" out_of_order(expected, got) "StepOutOfOrder"
        ["access_denied", 403, Page]
        "This step cannot be taken now: the sign-in is at '{expected}', and the request was for '{got}'.",
        "Post a later step of a sign-in before the steps that come first";
    Own "passcode-expired" passcode_expired() "PasscodeExpired"
        ["invalid_grant", 200, Page]
        "That code has expired. Send a new one.",
        "Type a passcode 30 minutes after it was sent";
    Own "passcode-spent" passcode_spent() "PasscodeSpent"
        ["invalid_grant", 429, Page]
        "Too many wrong codes: this code no longer works. Send a new one.",
        "Type five wrong passcodes";
    Own "passcode-wrong" passcode_wrong() "PasscodeWrong"
        ["invalid_grant", 200, Page]
        "That code didn't work. Check the code and try again.",
        "Type a wrong passcode";
    Own "portal-denied" portal_denied(user, tenant) "PortalDenied"
        ["access_denied", 403, Page]
        "The portal of {tenant} is for its administrators; you are signed in as {user}.",
        "Open the portal as somebody without an administrator's role";
    Own "request-object" request_object_unsupported() "RequestNotSupported"
        ["request_not_supported", 400, Redirect]
        "The parameter 'request' is not supported.",
        "Send a request object";
    Own "request-uri" request_uri_unsupported() "RequestUriNotSupported"
        ["request_uri_not_supported", 400, Redirect]
        "The parameter 'request_uri' is not supported; nothing was fetched.",
        "Send a `request_uri`";
    Own "sign-in-gone" sign_in_gone() "SignInGone"
        ["access_denied", 403, Page]
        "This sign-in is not known here: it ended, expired, or belongs to another browser. Start again from the application.",
        "Open the address of somebody else's sign-in";
    Own "sign-up-address" sign_up_without_address(provider) "SignUpWithoutAddress"
        ["access_denied", 400, Page]
        "Your account at {provider} told no email address, or none that was verified there, and a guest needs one. Add an address to the account, share it, or sign up with another account.",
        "Sign up with a Facebook account that has only a telephone number";
    Own "sign-up-address-taken" sign_up_address_taken(address, tenant) "SignUpAddressTaken"
        ["access_denied", 400, Page]
        "Somebody in {tenant} has the address '{address}' already. Sign in instead of signing up, or sign up with another account.",
        "Sign up with the address of somebody who is in the tenant";
    Own "sign-up-elsewhere" sign_up_elsewhere(address, provider, other) "SignUpElsewhere"
        ["access_denied", 400, Page]
        "'{address}' cannot sign up with {provider}, which verifies no address: {other} vouches for the addresses of its domain. Sign up with the account that you have there.",
        "Sign up with a Facebook account whose address is in a domain of another tenant";
    Own "sign-up-not-offered" sign_up_not_offered(app) "SignUpNotOffered"
        ["access_denied", 400, Page]
        "'{app}' does not let people sign themselves up. Ask its owner for an invitation.",
        "Go on signing up after the user flow was taken away from the application";
    Own "sign-up-own-domain" sign_up_own_domain(address, tenant) "SignUpOwnDomain"
        ["access_denied", 400, Page]
        "'{address}' cannot sign up as a guest: its domain belongs to {tenant} itself. Sign in with the account that {tenant} has given you.",
        "Sign up with an address in a domain of the tenant";
    Own "sign-up-provider" sign_up_no_provider(account, flow, providers) "SignUpProvider"
        ["access_denied", 400, Page]
        "'{account}' cannot sign up: the user flow {flow} takes accounts of {providers}. Sign up with one of those.",
        "Sign up with an address for which the user flow lists no provider";
    Own "subject-not-signed-in" subject_not_signed_in() "SubjectMismatch"
        ["login_required", 400, Redirect]
        "The subject that the request asks for is not the one who is signed in.",
        "Send `claims` that ask for another person's `sub`";
    Own "too-many-guesses" too_many_guesses() "TooManyGuesses"
        ["access_denied", 429, Page]
        "Too many invalid links were opened, or wrong codes typed, from this address. Try again in 10 minutes.",
        "Guess invitation tickets, or the codes of devices";
    Own "web-view" disallowed_useragent() "DisallowedUserAgent"
        ["disallowed_useragent", 403, Page]
        "Error 403: disallowed_useragent. Google does not allow sign-in from an embedded web view; open the page in the system browser.",
        "Open the built-in Google from an embedded web view";
    Own "wrong-account" wrong_account(signed_in, expected, tenant) "WrongAccount"
        ["access_denied", 400, Page]
        "You signed in as '{signed_in}', but this sign-in to {tenant} is for '{expected}'. Sign in with the other account.",
        "Type one guest's address and sign in as another";
    Own "user-code-unknown" user_code_unknown() "BadVerificationCode"
        ["bad_verification_code", 200, Page]
        "That code didn't work. Check the code on your app or device and try again.",
        "Type a wrong code at `/common/oauth2/deviceauth`";
}
