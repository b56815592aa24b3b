//! The codes of the refusals that a test causes, for [`crate::errors`].

/// Says in the environment that they are wanted.
pub(crate) const WANTED: &str = "GUESTPASS_TEST_RECORDS_REFUSALS";

/// Writes the library's log to standard output, if somebody asked for it.
pub(crate) fn start() {
    if std::env::var_os(WANTED).is_some() {
        let filter = tracing_subscriber::EnvFilter::new("guestpass=debug");
        let log = tracing_subscriber::fmt().with_env_filter(filter).with_ansi(false);
        // A test may start several servers.
        let _ = log.try_init();
    }
}
