//! `oidcc-hybrid-certification-test-plan`: a code and an id token at once (`code id_token`).

use super::flow::Variant;
use super::plan;

const VARIANT: Variant = Variant { response_type: "code id_token", response_mode: None };

plan! {
    VARIANT;
    oidcc_server
    oidcc_response_type_missing
    oidcc_idtoken_signature
    oidcc_userinfo_get
    oidcc_userinfo_post_header
    oidcc_userinfo_post_body
    oidcc_ensure_request_without_nonce_fails
    oidcc_scope_profile
    oidcc_scope_email
    oidcc_scope_address
    oidcc_scope_phone
    oidcc_scope_all
    oidcc_ensure_other_scope_order_succeeds
    oidcc_display_page
    oidcc_display_popup
    oidcc_prompt_login
    oidcc_prompt_none_not_logged_in
    oidcc_prompt_none_logged_in
    oidcc_max_age_1
    oidcc_max_age_10000
    oidcc_ensure_request_with_unknown_parameter_succeeds
    oidcc_id_token_hint
    oidcc_login_hint
    oidcc_ui_locales
    oidcc_claims_locales
    oidcc_ensure_request_with_acr_values_succeeds
    oidcc_codereuse
    oidcc_codereuse_30seconds
    oidcc_ensure_registered_redirect_uri
    oidcc_ensure_post_request_succeeds
    oidcc_server_client_secret_post
    oidcc_request_uri_unsigned_supported_correctly_or_rejected_as_unsupported
    oidcc_unsigned_request_object_supported_correctly_or_rejected_as_unsupported
    oidcc_claims_essential
    oidcc_ensure_request_object_with_redirect_uri
    oidcc_refresh_token
    oidcc_ensure_request_with_valid_pkce_succeeds
}
