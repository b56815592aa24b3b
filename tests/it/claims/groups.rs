//! Groups, roles and `wids` in tokens, and what stands there when there are too many groups.

use serde_json::json;

use super::*;

/// The world with more groups, each with these members.
fn with_groups(count: u32, members: &str) -> String {
    let mut groups = String::new();
    for number in 0..count {
        groups.push_str(&format!(
            "[[tenant.group]]\nid = \"e5000000-0000-4000-8000-00000001{number:04}\"\n\
             display_name = \"Group {number}\"\nmembers = [{members}]\n"
        ));
    }
    WORLD.replacen("# Every optional claim", &format!("{groups}# Every optional claim"), 1)
}

/// The world with another `groupMembershipClaims` and another optional claim `groups`.
fn with_setting(setting: &str, properties: &str) -> String {
    let world = WORLD.replacen("\"SecurityGroup, DirectoryRole\"", &format!("{setting:?}"), 1);
    let groups = format!("{{ name = \"groups\", additional_properties = [{properties}] }},");
    world.replacen("\"acct\", \"acrs\",", &format!("{groups} \"acct\", \"acrs\","), 1)
}

async fn id_token_of(world: &str, name: &str) -> Map<String, Value> {
    let server = server_of(world).await;
    claims(&tokens_of(&server, CURIOUS, name, &[]).await["id_token"])
}

#[tokio::test]
async fn over_two_hundred_groups_the_token_says_where_to_ask() {
    let name = "pia@nowhere.example";
    let world = with_groups(199, &format!("{name:?}"));
    let groups = id_token_of(&world, name).await["groups"].as_array().unwrap().len();
    assert_eq!(groups, 200, "with Everybody");

    let server = server_of(&with_groups(200, &format!("{name:?}"))).await;
    let tokens = tokens_of(&server, CURIOUS, name, &[]).await;
    for token in ["id_token", "access_token"] {
        let token = claims(&tokens[token]);
        assert!(!token.contains_key("groups") && !token.contains_key("hasgroups"), "{token:?}");
        assert_eq!(token["_claim_names"], json!({ "groups": "src1" }));
        let endpoint = token["_claim_sources"]["src1"]["endpoint"].as_str().unwrap();
        let oid = token["oid"].as_str().unwrap();
        let expected = format!("{}/v1.0/users/{oid}/getMemberObjects", server.origin());
        assert_eq!(endpoint, expected);
    }
}

#[tokio::test]
async fn a_token_in_a_fragment_says_only_that_there_are_groups() {
    let name = "pia@nowhere.example";
    for (count, named) in [(4, true), (5, false)] {
        let server = server_of(&with_groups(count, &format!("{name:?}"))).await;
        let mut browser = server.browser();
        browser.open(&ask(CURIOUS, &[("response_type", "id_token")])).await;
        agree_to_all(&server, &mut browser, name).await;
        let token = claims(&json!(browser.parameter("id_token").unwrap()));
        assert_eq!(token.contains_key("groups"), named, "{token:?}");
        assert_eq!(token.get("hasgroups"), (!named).then_some(&json!(true)));
        assert!(!token.contains_key("_claim_names"));
    }
}

#[tokio::test]
async fn the_registration_says_which_groups() {
    let name = "mia@resource.example";
    let (f1, f2, f3) = (
        "e5000000-0000-4000-8000-0000000000f1",
        "e5000000-0000-4000-8000-0000000000f2",
        "e5000000-0000-4000-8000-0000000000f3",
    );
    for (setting, properties, groups, roles, wids) in [
        ("None", "", json!(null), json!(["Reader"]), false),
        ("DirectoryRole", "", json!(null), json!(["Reader"]), true),
        ("SecurityGroup", "", json!([f1, f2]), json!(["Reader"]), false),
        // Everything, mail-only groups too.
        ("All", "", json!([f1, f2, f3]), json!(["Reader"]), true),
        // Assigned to the application, directly.
        ("ApplicationGroup", "", json!([f1]), json!(["Reader"]), false),
        ("ApplicationGroup", "\"cloud_displayname\"", json!(["Readers"]), json!(["Reader"]), false),
        // Names are for assigned groups only.
        ("SecurityGroup", "\"cloud_displayname\"", json!([f1, f2]), json!(["Reader"]), false),
        ("SecurityGroup", "\"emit_as_roles\"", json!(null), json!([f1, f2]), false),
    ] {
        let token = id_token_of(&with_setting(setting, properties), name).await;
        let mut said = token.get("groups").cloned().unwrap_or_default();
        if let Some(list) = said.as_array_mut() {
            list.sort_by_key(ToString::to_string);
        }
        assert_eq!(said, groups, "{setting} {properties}");
        assert_eq!(token["roles"], roles, "{setting} {properties}");
        assert_eq!(token.contains_key("wids"), wids, "{setting}");
    }
}
