//! What must not compile: a token that comes early.

#[test]
fn a_token_cannot_come_early() {
    trybuild::TestCases::new().compile_fail("tests/compile_fail/*.rs");
}
