//! How long tokens live.

use super::*;

/// Access tokens of the world's "Curious" live ten minutes, or as long as given.
fn with_lifetime(lifetime: &str) -> String {
    let marker = "display_name = \"Curious\"";
    let setting = format!("{marker}\ntoken_lifetime = {{ access_token = \"{lifetime}\" }}");
    WORLD.replacen(marker, &setting, 1)
}

fn span(token: &Map<String, Value>) -> i64 {
    token["exp"].as_i64().unwrap() - token["iat"].as_i64().unwrap() - 300
}

async fn refresh(server: &guestpass::Server, app: App, token: &Value) -> Answer {
    let pairs = [
        ("grant_type", "refresh_token"),
        ("refresh_token", token.as_str().expect("a refresh token")),
        ("client_id", app.client),
        ("client_secret", app.secret),
    ];
    post_form(server, &format!("/{RESOURCE}/oauth2/v2.0/token"), &pairs).await
}

#[tokio::test]
async fn a_lifetime_of_the_application_holds_for_its_tokens_and_no_others() {
    for (written, seconds) in [("PT10M", 600), ("P1D", 86_400)] {
        let server = server_of(&with_lifetime(written)).await;
        let tokens = tokens_of(&server, CURIOUS, "mia@resource.example", &[]).await;
        assert_eq!(tokens["expires_in"], seconds);
        assert_eq!(span(&claims(&tokens["access_token"])), seconds);
        assert_eq!(span(&claims(&tokens["id_token"])), seconds);
        // As a client only: the resource's is another's.
        let changes = [("scope", "openid User.Read")];
        let tokens = tokens_of(&server, CURIOUS, "mia@resource.example", &changes).await;
        let others = tokens["expires_in"].as_i64().unwrap();
        assert!((3600..5400).contains(&others), "{others}");
        assert_eq!(span(&claims(&tokens["id_token"])), seconds);
    }
}

#[tokio::test]
async fn lifetimes_are_spread_over_half_an_hour() {
    let server = server_of(WORLD).await;
    let tokens = tokens_of(&server, CURIOUS, "mia@resource.example", &[]).await;
    let mut lives = Vec::new();
    for _ in 0..64 {
        let answer = refresh(&server, CURIOUS, &tokens["refresh_token"]).await.json();
        lives.push(answer["expires_in"].as_i64().unwrap());
    }
    assert!(lives.iter().all(|life| (3600..5400).contains(life)), "{lives:?}");
    let average = lives.iter().sum::<i64>() / 64;
    assert!((4200..4800).contains(&average), "{average}");
}

#[tokio::test]
async fn an_applications_own_token_lives_as_long_as_the_resource_says() {
    let world = with_lifetime("PT20M");
    let world = world.replacen(
        "[[tenant.consent]]",
        "[[tenant.app_role_assignment]]\nclient_id = \"e5000000-0000-4000-8000-0000000000a2\"\n\
         resource = \"api://curious\"\nroles = [\"Writer\"]\n\n[[tenant.consent]]",
        1,
    );
    let server = server_of(&world).await;
    let pairs = [
        ("grant_type", "client_credentials"),
        ("client_id", PLAIN.client),
        ("client_secret", PLAIN.secret),
        ("scope", "api://curious/.default"),
    ];
    let answer = post_form(&server, &format!("/{RESOURCE}/oauth2/v2.0/token"), &pairs).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let answer = answer.json();
    assert_eq!(answer["expires_in"], 1200);
    let token = claims(&answer["access_token"]);
    assert_eq!((&token["roles"], &token["idtyp"]), (&json!(["Writer"]), &json!("app")));
}
