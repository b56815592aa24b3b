//! The registrations that docs/APPLICATIONS.md shows are ones that a server takes.

use crate::support::*;

const PAGE: &str = include_str!("../../docs/APPLICATIONS.md");

#[tokio::test]
async fn each_registration_of_the_page_starts() {
    let after = "# --- Tailspin";
    let default = guestpass::config::world::DEFAULT;
    assert!(default.contains(after));
    let blocks: Vec<_> = PAGE.split("```toml\n").skip(1).collect();
    assert!(blocks.len() >= 5, "the page has examples");
    for block in blocks {
        let (block, _) = block.split_once("```").expect("an end");
        let block = block.replace("keys/nightly.pem", crate::signed::CLIENT);
        server_of(&default.replacen(after, &format!("{block}\n{after}"), 1)).await;
    }
}
