//! Where a call to the database runs: here, or on a thread of its own.

use std::sync::{Mutex, PoisonError, mpsc};
use std::thread;

use rusqlite::Connection;
use tokio::sync::oneshot;

use crate::store::StoreFault;

type Job = Box<dyn FnOnce(&mut Connection) + Send>;

/// A connection and the thread that may use it.
#[derive(Debug)]
pub(super) enum Lane {
    Inline(Mutex<Connection>),
    Thread(mpsc::Sender<Job>),
}

impl Lane {
    pub(super) fn inline(connection: Connection) -> Self {
        Self::Inline(Mutex::new(connection))
    }

    /// The thread ends when the lane is dropped.
    pub(super) fn thread(mut connection: Connection) -> std::io::Result<Self> {
        let (jobs, inbox) = mpsc::channel::<Job>();
        thread::Builder::new().name("guestpass-store".to_owned()).spawn(move || {
            for job in inbox {
                job(&mut connection);
            }
        })?;
        Ok(Self::Thread(jobs))
    }

    pub(super) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Connection) -> T + Send + 'static,
    ) -> Result<T, StoreFault> {
        match self {
            Self::Inline(connection) => {
                // A panic inside a transaction rolls it back, so a poisoned lock is still good.
                let mut connection = connection.lock().unwrap_or_else(PoisonError::into_inner);
                Ok(work(&mut connection))
            }
            Self::Thread(jobs) => {
                let (answer, waiting) = oneshot::channel();
                let job: Job = Box::new(move |connection| {
                    // Nobody waits any more if the request was dropped; the work is done anyway.
                    let _ = answer.send(work(connection));
                });
                let stopped = || StoreFault::Backend("its thread has stopped".to_owned());
                jobs.send(job).map_err(|_| stopped())?;
                waiting.await.map_err(|_| stopped())
            }
        }
    }
}
