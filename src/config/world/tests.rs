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
    let text = mistakes(&format!("{TENANT}redemption_profil = \"classic\"\n"));
    let start = "world.toml:6:1: unknown field `redemption_profil`, expected one of `id`, `name`, ";
    assert!(text.starts_with(start), "{text}");
    assert!(text.ends_with("\nhint: Did you mean `redemption_profile`?"), "{text}");
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

#[test]
fn takes_a_federation_by_metadata_or_by_address_and_certificate() {
    let key = rcgen::KeyPair::generate_rsa_for(&rcgen::PKCS_RSA_SHA256, rcgen::RsaKeySize::_2048)
        .unwrap();
    let params = rcgen::CertificateParams::new(vec!["idp.example".to_owned()]).unwrap();
    let pem = params.self_signed(&key).unwrap().pem();
    let elliptic = rcgen::generate_simple_self_signed(vec!["idp.example".to_owned()]).unwrap();
    let short = include_str!("../../../fixtures/security/rsa_1024.pem");
    let federation = |lines: &str| {
        format!(
            "{TENANT}\n[[tenant.federation]]\nprotocol = \"saml\"\nissuer_uri = \"urn:x\"\ndomains = [\"x.example\"]\n{lines}"
        )
    };
    let by_hand = format!(
        "passive_sign_in_uri = \"https://sso.x.example/\"\nsigning_certificate = '''\n{pem}'''\n"
    );
    let world = World::parse(&federation(&by_hand), "world.toml", now()).unwrap();
    let made = &world.tenants[1].federations[0];
    assert_eq!(made.display_name, "urn:x");
    assert!(made.signing_certificate.as_ref().unwrap().starts_with("MII"));
    for (lines, expected) in [
        ("", "a federation needs either builtin, or an http(s) metadata_url, or both"),
        ("passive_sign_in_uri = \"https://x.example\"", "a federation needs either builtin"),
        ("builtin = \"adfs\"", "there is no built-in provider 'adfs'"),
        ("builtin = \"adatum\"", "adatum does not speak SAML"),
        (
            "metadata_url = \"https://x.example/m\"\nsigning_certificate = \"AAAA\"",
            "signing_certificate cannot be used: it is not an X.509 certificate",
        ),
        (
            &format!("metadata_url = \"https://x.example/m\"\nsigning_certificate = '''{short}'''"),
            "signing_certificate cannot be used: its RSA key has not 2048 to 8192 bits",
        ),
        (
            &format!(
                "metadata_url = \"https://x.example/m\"\nsigning_certificate = '''{}'''",
                elliptic.cert.pem()
            ),
            "signing_certificate cannot be used: its key is not an RSA key",
        ),
        (
            "metadata_url = \"https://x.example/m\"\npassive_sign_in_uri = \"http://x.example\"",
            "passive_sign_in_uri 'http://x.example' cannot be used: only https is allowed",
        ),
        (
            &format!(
                "metadata_url = \"https://x.example/m\"\nnext_signing_certificate = '''{pem}'''"
            ),
            "next_signing_certificate without signing_certificate",
        ),
    ] {
        let text = mistakes(&federation(lines));
        assert!(text.contains(expected), "{lines}: {text}");
    }
}

#[test]
fn asks_for_the_dns_record_of_a_foreign_sign_in_page() {
    let world = |records: &str| {
        format!(
            "{TENANT}{records}\n[[tenant.federation]]\nprotocol = \"wsFed\"\nissuer_uri = \"urn:x\"\n\
             domains = [\"x.example\"]\nmetadata_url = \"https://idp.other.example/m\"\n\
             passive_sign_in_uri = \"https://idp.other.example/sso\"\n"
        )
    };
    assert!(World::parse(&world(""), "world.toml", now()).is_ok());
    let text = mistakes(&world("direct_fed_auth_urls = {}"));
    assert!(text.contains("is on no host of x.example"), "{text}");
    let record = "direct_fed_auth_urls = { \"x.example\" = \"https://idp.other.example/sso\" }";
    assert!(World::parse(&world(record), "world.toml", now()).is_ok());
}

#[test]
fn reads_certificates_by_path_and_leaves_private_keys_where_they_are() {
    let app = |credentials: &str| {
        format!(
            "{TENANT}\n[[tenant.application]]\nclient_id = \"11111111-0000-4000-8000-0000000000a1\"\n\
             display_name = \"App\"\nkind = \"daemon\"\n{credentials}\n"
        )
    };
    let of = |path: &str| app(&format!("key_credentials = [{{ certificate = \"{path}\" }}]"));
    let world = World::parse(&of("INSECURE-work.pem"), "keys/world.toml", now()).unwrap();
    let by_path = &world.applications[0].key_credentials;
    let pem = include_str!("../../../keys/INSECURE-work.pem");
    let inline = app(&format!(
        "[[tenant.application.key_credentials]]\ncertificate = \"\"\"{pem}\"\"\"\ndisplay_name = \"CI\"\n\
         start = \"2026-01-01T00:00:00Z\""
    ));
    let world = World::parse(&inline, "world.toml", now()).unwrap();
    let inline_keys = &world.applications[0].key_credentials;
    assert_eq!(by_path[0].thumbprint, inline_keys[0].thumbprint);
    assert_eq!((inline_keys[0].display_name.as_str(), inline_keys[0].start), ("CI", now()));
    let effective = World::effective(&inline, "world.toml").unwrap();
    assert!(!toml::to_string(&effective).unwrap().contains("PRIVATE"), "world show prints it");

    let wrong = of("nowhere.pem");
    assert!(mistakes(&wrong).contains("world.toml:11"), "{}", mistakes(&wrong));
    assert!(mistakes(&wrong).contains("nowhere.pem: No such file"), "{}", mistakes(&wrong));
    insta::assert_snapshot!(mistakes(&app(
        "[[tenant.application.federated_identity_credentials]]\nname = \"ci\"\nissuer = \
         \"ci.example\"\nsubject = \"\"\n[[tenant.application.federated_identity_credentials]]\n\
         name = \"ci\"\nissuer = \"https://ci.example\"\nsubject = \"s\""
    )));
}

#[test]
fn reads_certificates_of_federations_by_path() {
    let federation = |current: &str, next: &str| {
        format!(
            "{TENANT}\n[[tenant.federation]]\nprotocol = \"saml\"\nissuer_uri = \"urn:x\"\n\
             domains = [\"x.example\"]\npassive_sign_in_uri = \"https://sso.x.example/\"\n\
             signing_certificate = \"\"\"{current}\"\"\"\nnext_signing_certificate = \"\"\"{next}\"\"\"\n"
        )
    };
    let (work, google) = ("INSECURE-work.pem", "./INSECURE-google.pem");
    let by_path = federation(work, google);
    let world = World::parse(&by_path, "keys/world.toml", now()).unwrap();
    let inline = federation(
        include_str!("../../../keys/INSECURE-work.pem"),
        include_str!("../../../keys/INSECURE-google.pem"),
    );
    let same = World::parse(&inline, "world.toml", now()).unwrap();
    let certificates = |world: &World| {
        let made = &world.tenants[1].federations[0];
        [made.signing_certificate.clone().unwrap(), made.next_signing_certificate.clone().unwrap()]
    };
    assert_eq!(certificates(&world), certificates(&same));
    for (text, file) in [(&by_path, "keys/world.toml"), (&inline, "world.toml")] {
        let effective = toml::to_string(&World::effective(text, file).unwrap()).unwrap();
        assert!(effective.contains("BEGIN CERTIFICATE"), "{effective}");
        assert!(!effective.contains("PRIVATE"), "world show prints it");
    }

    for (current, next, key, expected) in [
        ("nowhere.pem", "AAAA", "signing_certificate", "nowhere.pem: No such file"),
        ("keys/INSECURE-work.pem", "AAAA", "next_signing_certificate", "it is not an X.509"),
        ("Cargo.toml", "src/..", "signing_certificate", "it is not base64"),
        ("Cargo.toml", "src/..", "next_signing_certificate", "src/.. is no file of at most"),
        ("LICENSE-MIT", "AAAA", "signing_certificate", "it is not base64"),
    ] {
        let text = mistakes(&federation(current, next));
        let expected = format!("{key} cannot be used: {expected}");
        assert!(text.contains(&expected), "{expected}: {text}");
        assert!(text.contains("or the path of a PEM file"), "{text}");
    }
}

#[test]
fn finds_mistakes_in_what_applications_say_about_tokens() {
    let text = format!(
        r#"{TENANT}
country_letter_code = "DEU"

[[tenant.user]]
id = "11111111-0000-4000-8000-000000000009"
user_principal_name = "ann@acme.example"
usage_location = "Germany"

[[tenant.group]]
id = "11111111-0000-4000-8000-0000000000f1"
display_name = "Staff"
members = ["11111111-0000-4000-8000-0000000000f1", "bob@acme.example", "ann@acme.example",
           "11111111-0000-4000-8000-000000000009"]

[[tenant.application]]
client_id = "11111111-0000-4000-8000-0000000000a1"
display_name = "App"
kind = "native"
app_roles = ["Read.All", "Read.All", {{ value = "Reader", allowed_member_types = ["User"] }}]
token_lifetime = {{ access_token = "PT5M" }}
optional_claims = {{ id_token = [
  "acct", "account", "extension_1_skype", {{ name = "acct", additional_properties = ["x"] }},
], access_token = [
  {{ name = "upn", additional_properties = ["include_guests"] }},
  {{ name = "groups", additional_properties = ["sam_account_name"] }},
] }}

[[tenant.assignment]]
app = "11111111-0000-4000-8000-0000000000a1"
user = "ann@acme.example"
roles = ["Reader", "Read.All", "Writer"]
"#
    );
    insta::assert_snapshot!(mistakes(&text));
    let setting = "[[tenant.application]]\nclient_id = \"11111111-0000-4000-8000-0000000000a1\"\n\
                   display_name = \"App\"\nkind = \"web\"\ngroup_membership_claims = \"Some\"\n";
    insta::assert_snapshot!(mistakes(&format!("{TENANT}{setting}")));
}

#[test]
fn finds_mistakes_in_user_flows() {
    let flow = |lines: &str| format!("[[tenant.user_flow]]\nid = \"B2X_1_partners\"\n{lines}\n");
    let app = "[[tenant.application]]\nclient_id = \"11111111-0000-4000-8000-0000000000a1\"\n\
               display_name = \"App\"\nkind = \"web\"\n";
    let apps = "applications = [\"11111111-0000-4000-8000-0000000000a1\", \
                \"11111111-0000-4000-8000-0000000000a2\"]";
    let providers = "identity_providers = [\"Google-OAUTH\", \"Facebook-OAUTH\", \
                     \"AADSignup-OAUTH\", \"AADSignup-OAUTH\"]\n\
                     user_attributes = [\"country\", \"country\"]";
    let text = format!("{TENANT}{app}{}{}", flow(apps), flow(&format!("{providers}\n{apps}")));
    insta::assert_snapshot!(mistakes(&text));
    let unknown = flow("identity_providers = [\"Apple-OAUTH\"]");
    insta::assert_snapshot!(mistakes(&format!("{TENANT}{unknown}")));
}
