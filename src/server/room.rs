//! Room for connections: when it is full, the one that has been idle longest leaves, or the one whose
//! request takes longest.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};

/// The connections of a server.
#[derive(Debug, Clone)]
pub(super) struct Room(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    places: Arc<Semaphore>,
    seated: Mutex<Vec<Arc<Seat>>>,
    /// Counts what happened, so that "longest" needs no clock.
    events: AtomicU64,
}

/// What a connection is doing.
#[derive(Debug)]
struct Seat {
    /// Requests under way.
    busy: AtomicUsize,
    /// The event at which it last became idle.
    idle_since: AtomicU64,
    leave: Notify,
}

/// A connection's place; gone when dropped.
#[derive(Debug)]
pub(super) struct Place {
    room: Room,
    seat: Arc<Seat>,
    _permit: OwnedSemaphorePermit,
}

/// A request under way: its connection is not idle.
#[derive(Debug)]
pub(super) struct Busy {
    room: Room,
    seat: Arc<Seat>,
}

impl Room {
    /// Room for so many connections.
    pub(super) fn new(places: usize) -> Self {
        Self(Arc::new(Inner {
            places: Arc::new(Semaphore::new(places)),
            seated: Mutex::new(Vec::new()),
            events: AtomicU64::new(0),
        }))
    }

    /// Waits for a place; has the connection that is idle longest leave if there is none.
    pub(super) async fn enter(&self) -> Option<Place> {
        let places = self.0.places.clone();
        if places.available_permits() == 0 {
            self.make_room();
        }
        let permit = places.acquire_owned().await.ok()?;
        let seat = Arc::new(Seat {
            busy: AtomicUsize::new(0),
            idle_since: AtomicU64::new(self.event()),
            leave: Notify::new(),
        });
        self.seated().push(seat.clone());
        Some(Place { room: self.clone(), seat, _permit: permit })
    }

    /// Has the connection that is idle longest leave.
    pub(super) fn make_room(&self) {
        let seated = self.seated();
        // When all are busy, the request that takes longest is most likely one that drips.
        let longest = seated.iter().min_by_key(|seat| {
            let busy = seat.busy.load(Ordering::Relaxed) > 0;
            (busy, seat.idle_since.load(Ordering::Relaxed))
        });
        if let Some(seat) = longest {
            // Not twice the same one.
            seat.busy.fetch_add(1, Ordering::Relaxed);
            seat.idle_since.store(u64::MAX, Ordering::Relaxed);
            seat.leave.notify_one();
        }
    }

    fn event(&self) -> u64 {
        self.0.events.fetch_add(1, Ordering::Relaxed)
    }

    fn seated(&self) -> std::sync::MutexGuard<'_, Vec<Arc<Seat>>> {
        self.0.seated.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place {
    /// Marks a request as under way.
    pub(super) fn busy(&self) -> Busy {
        self.seat.busy.fetch_add(1, Ordering::Relaxed);
        Busy { room: self.room.clone(), seat: self.seat.clone() }
    }

    /// Waits until this connection is to leave.
    pub(super) async fn asked_to_leave(&self) {
        self.seat.leave.notified().await;
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.seat.idle_since.store(self.room.event(), Ordering::Relaxed);
        self.seat.busy.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.room.seated().retain(|seat| !Arc::ptr_eq(seat, &self.seat));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_longest_idle_connection_leaves_and_a_busy_one_stays() {
        let room = Room::new(3);
        let busy = room.enter().await.unwrap();
        let old = room.enter().await.unwrap();
        let young = room.enter().await.unwrap();
        let _request = busy.busy();
        let entering = tokio::spawn({
            let room = room.clone();
            async move { room.enter().await.is_some() }
        });
        tokio::select! {
            () = old.asked_to_leave() => {}
            () = busy.asked_to_leave() => panic!("a busy connection was ended"),
            () = young.asked_to_leave() => panic!("the younger one was ended"),
        }
        drop(old);
        assert!(entering.await.unwrap());
    }

    #[tokio::test]
    async fn when_all_are_busy_the_longest_request_leaves() {
        let room = Room::new(2);
        let dripping = room.enter().await.unwrap();
        let other = room.enter().await.unwrap();
        let _requests = (dripping.busy(), other.busy());
        room.make_room();
        tokio::select! {
            () = dripping.asked_to_leave() => {}
            () = other.asked_to_leave() => panic!("the younger one was ended"),
        }
    }

    #[tokio::test]
    async fn an_answer_makes_a_connection_young_again() {
        let room = Room::new(2);
        let first = room.enter().await.unwrap();
        let second = room.enter().await.unwrap();
        drop(first.busy());
        room.make_room();
        tokio::select! {
            () = second.asked_to_leave() => {}
            () = first.asked_to_leave() => panic!("it has just answered"),
        }
    }
}
