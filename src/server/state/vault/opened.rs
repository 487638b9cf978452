//! Boxes that were opened lately: few are asked for again and again, such as the key that all tokens are signed by.

use crate::limits::{OPENED_BOX_BYTES, OPENED_BOXES};
use journey_machine::state::Place;
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use zeroize::Zeroizing;

/// What lies in a box.
pub(super) type Plain = Zeroizing<Vec<u8>>;

/// Boxes by their places, each as it was sealed and with what lies in it.
#[derive(Default)]
pub(super) struct Opened(Mutex<BTreeMap<Place, (Vec<u8>, Plain)>>);

impl Opened {
    /// What lies in this very box, if it was opened lately.
    pub(super) fn get(&self, place: &Place, sealed: &[u8]) -> Option<Plain> {
        let all = self.all();
        let (as_sealed, plain) = all.get(place)?;
        (as_sealed == sealed).then(|| plain.clone())
    }

    /// Keeps it for a while.
    pub(super) fn keep(&self, place: &Place, sealed: &[u8], plain: &Plain) {
        if sealed.len() > OPENED_BOX_BYTES {
            return;
        }
        let mut all = self.all();
        if all.len() >= OPENED_BOXES {
            all.clear();
        }
        all.insert(place.clone(), (sealed.to_vec(), plain.clone()));
    }

    fn all(&self) -> MutexGuard<'_, BTreeMap<Place, (Vec<u8>, Plain)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
