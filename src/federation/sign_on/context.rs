//! How somebody signed in, in the words of SAML.

use crate::fault::{Fault, say};

const CLASSES: &str = "urn:oasis:names:tc:SAML:2.0:ac:classes:";
const METHODS: &str = "http://schemas.microsoft.com/ws/2008/06/identity/authenticationmethod/";
/// Names of a password in `wauth`: WS-Federation's, AD FS's.
const PASSWORDS: [&str; 2] = [
    "urn:oasis:names:tc:SAML:1.0:am:password",
    "http://schemas.microsoft.com/ws/2008/06/identity/authenticationmethod/password",
];

/// The class to assert: the first one that was asked for and is true, or what is true if nothing
/// was asked for.
///
// Assumption: a password is also what a one-time passcode is to these classes, and what an upstream
// provider that does not say how is taken to have asked for.
///
/// # Errors
/// 75011 if none is.
pub fn asserted_context(asked: &[String], amr: &[String]) -> Result<String, Fault> {
    let takes = |method: &String| ["fed", "otp", "pwd"].contains(&method.as_str());
    let password = amr.is_empty() || amr.iter().any(takes);
    if asked.is_empty() {
        let name = if password { "Password" } else { "unspecified" };
        return Ok(format!("{CLASSES}{name}"));
    }
    let is_true = |class: &&String| match class.strip_prefix(CLASSES) {
        Some("Password" | "PasswordProtectedTransport") => password,
        Some(name) => name == "unspecified",
        None => password && PASSWORDS.contains(&class.as_str()),
    };
    match asked.iter().find(is_true) {
        Some(class) => Ok(class.clone()),
        None => {
            let used = if amr.is_empty() { "unspecified".to_owned() } else { amr.join(", ") };
            let shown: String = asked.join(", ").escape_debug().take(300).collect();
            Err(say::authn_context_mismatch(used, shown))
        }
    }
}

/// A method (`amr`) as a value of the claim `authnmethodsreferences`.
pub fn method_uri(method: &str) -> String {
    match method {
        "pwd" => format!("{METHODS}password"),
        "rsa" => format!("{METHODS}x509"),
        "wia" => format!("{METHODS}windows"),
        "mfa" => "http://schemas.microsoft.com/claims/multipleauthn".to_owned(),
        _ => format!("{METHODS}unspecified"),
    }
}

#[cfg(test)]
mod tests {
    use super::asserted_context;

    #[test]
    fn asserts_what_is_true_and_nothing_else() {
        let all = |words: &[&str]| words.iter().map(|w| (*w).to_owned()).collect::<Vec<_>>();
        let class = |name: &str| format!("urn:oasis:names:tc:SAML:2.0:ac:classes:{name}");
        let (pwd, rsa, none) = (all(&["pwd"]), all(&["rsa", "mfa"]), all(&[]));
        let fed = all(&["fed"]);
        let x509_or_password = [class("X509"), class("PasswordProtectedTransport")];
        for (asked, amr, expected) in [
            (&[][..], &pwd, Some(class("Password"))),
            (&[], &rsa, Some(class("unspecified"))),
            (&x509_or_password, &pwd, Some(class("PasswordProtectedTransport"))),
            (&x509_or_password, &fed, Some(class("PasswordProtectedTransport"))),
            (&x509_or_password, &none, Some(class("PasswordProtectedTransport"))),
            (&x509_or_password, &rsa, None),
            (&[class("unspecified")], &rsa, Some(class("unspecified"))),
            (&[class("X509")], &pwd, None),
            (&["urn:x".to_owned()], &pwd, None),
        ] {
            let found = asserted_context(asked, amr);
            assert_eq!(found.as_ref().ok(), expected.as_ref(), "{asked:?} {amr:?}");
            if let Err(fault) = found {
                assert_eq!(fault.number(), Some(75011));
            }
        }
    }
}
