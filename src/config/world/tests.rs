//! Mistakes in world files: each is found, placed and explained.

use super::World;

fn now() -> jiff::Timestamp {
    "2026-01-01T00:00:00Z".parse().unwrap()
}

fn mistakes(text: &str) -> String {
    World::parse(text, "world.toml", now()).expect_err("a mistake").to_string()
}

const TENANT: &str = r#"
[[tenant]]
id = "11111111-0000-4000-8000-000000000001"
name = "Acme"
domains = ["acme.onmicrosoft.com", "acme.example"]
"#;

#[test]
fn takes_the_default_world() {
    let world = World::parse(super::DEFAULT, "contoso.toml", now()).unwrap();
    assert_eq!(world.tenants.len(), 6);
    assert_eq!(world.invitations.len(), 17);
    let vera = world.users.iter().find(|u| u.address() == "vera@gmail.com").unwrap();
    assert!(vera.mail.is_none() && vera.proxy_addresses.is_empty());
    assert_eq!(vera.user_principal_name, "vera_gmail.com#EXT#@contoso.onmicrosoft.com");
    let olivia = "c0a70500-0000-4000-8000-000000000109".parse().unwrap();
    let olivia = world.users.iter().find(|u| u.id == olivia).unwrap();
    assert_eq!(
        olivia.linked().unwrap().key(),
        "ExternalAzureAD|fab21ca0-0000-4000-8000-0000000fab21|fab21ca0-0000-4000-8000-000000000003"
    );
}

#[test]
fn finds_a_mistyped_key() {
    insta::assert_snapshot!(mistakes(&format!("{TENANT}redemption_profil = \"classic\"\n")), @r"
    world.toml:6:1: unknown field `redemption_profil`, expected one of `id`, `name`, `domains`, `redemption_profile`, `managed`, `allow_invites_from`, `email_one_time_passcode`, `google`, `google_webview_block`, `privacy_statement_url`, `allow_email_verified_users`, `federated_domains`, `classic_email_link_checks_msa`, `admin_consent_skips_review`, `alternate_login_id`, `invitation_lifetime`, `invitation_redemption`, `provider`, `partner`, `contact`, `federation`, `terms_of_use`, `user`, `guest`, `group`, `application`, `service_principal`, `assignment`, `consent`, `app_role_assignment`
    hint: Did you mean `redemption_profile`?
    ");
}

#[test]
fn finds_a_guest_outside_any_tenant() {
    let guest = "[[tenant.guest]]\nid = \"11111111-0000-4000-8000-000000000002\"\n\
                 invited_user_email_address = \"a@b.example\"\n";
    insta::assert_snapshot!(mistakes(guest));
    let guest = format!("{TENANT}\n[[guest]]\ninvited_user_email_address = \"a@b.example\"\n");
    insta::assert_snapshot!(mistakes(&guest));
}

#[test]
fn finds_every_mistake_of_a_file_with_its_line() {
    let text = format!(
        r#"{TENANT}
[[tenant.user]]
id = "11111111-0000-4000-8000-000000000009"
user_principal_name = "ann@elsewhere.example"

[[tenant.guest]]
id = "11111111-0000-4000-8000-000000000009"
invited_user_email_address = "ben@acme.example"
external_user_state = "Accepted"

[[tenant.application]]
client_id = "11111111-0000-4000-8000-0000000000a1"
display_name = "App"
kind = "spa"
secret = "not-for-a-spa"
redirect_uris = ["https://app.example/cb#fragment", "https://app.example/cb"]

[[tenant.consent]]
client_id = "11111111-0000-4000-8000-0000000000a2"
scopes = ["User.Reed"]

[[tenant.partner]]
tenant = "nowhere.example"

{TENANT}"#
    );
    insta::assert_snapshot!(mistakes(&text));
}
