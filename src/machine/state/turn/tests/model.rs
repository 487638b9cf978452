//! What a store means: a map.

use super::{Action, number, room};
use crate::program::Edge;
use crate::value::{ErrorKind, Key, Value};
use std::collections::BTreeMap;

#[derive(Clone, Copy, Debug, PartialEq)]
struct Room {
    floor: Option<i64>,
    owner: Option<i64>,
    version: i64,
}

#[derive(Default)]
pub(super) struct Model {
    rooms: BTreeMap<i64, Room>,
    /// As it was when the turn began.
    before: BTreeMap<i64, Room>,
}

impl Model {
    pub(super) fn end(&mut self) {
        self.before = self.rooms.clone();
    }

    pub(super) fn records(&self) -> Vec<(Value, u64)> {
        let rooms = self.rooms.iter();
        rooms
            .map(|(id, room)| (plain(*id, *room), room.version as u64))
            .collect()
    }

    pub(super) fn act(&mut self, action: &Action) -> Result<Value, ErrorKind> {
        match *action {
            Action::Insert(id, floor, owner) => {
                let taken = self.rooms.contains_key(&id);
                self.write(id, floor, owner, taken || self.owned(owner))
            }
            Action::Get(id) => self.find(id).map(|room| seen(id, room)),
            Action::ByOwner(owner) => {
                let mut rooms = self.rooms.iter();
                let found = rooms.find(|(_, room)| room.owner == Some(owner));
                let (id, room) = found.ok_or(ErrorKind::Missing)?;
                Ok(seen(*id, *room))
            }
            Action::Update(id, floor, owner, at) => {
                let room = self.at(id, at)?;
                let (floor, new) = (floor.unwrap_or(room.floor), owner.unwrap_or(room.owner));
                let taken = new != room.owner && self.owned(new);
                self.write(id, floor, new, taken)
            }
            Action::Delete(id, at) => {
                self.at(id, at)?;
                self.rooms.remove(&id);
                Ok(Value::Null)
            }
            Action::Floor(floor, low, high, max, descending) => {
                let rooms = self.rooms.iter();
                let mut found: Vec<Value> = rooms
                    .filter(|(id, room)| room.floor == floor && between(**id, low, high))
                    .map(|(id, room)| seen(*id, *room))
                    .collect();
                if descending {
                    found.reverse();
                }
                found.truncate(max.into());
                Ok(found.into())
            }
            Action::Ids(low, high, max) => {
                let found = self.rooms.keys().filter(|id| between(**id, low, high));
                Ok(Value::Int(found.count().min(max.into()) as i64))
            }
            Action::End => unreachable!("no action"),
        }
    }

    fn find(&self, id: i64) -> Result<Room, ErrorKind> {
        self.rooms.get(&id).copied().ok_or(ErrorKind::Missing)
    }

    fn at(&self, id: i64, at: Option<i64>) -> Result<Room, ErrorKind> {
        let room = self.find(id)?;
        let same = at.is_none_or(|at| at == room.version);
        if same {
            Ok(room)
        } else {
            Err(ErrorKind::Conflict)
        }
    }

    fn owned(&self, owner: Option<i64>) -> bool {
        owner.is_some() && self.rooms.values().any(|room| room.owner == owner)
    }

    fn write(
        &mut self,
        id: i64,
        floor: Option<i64>,
        owner: Option<i64>,
        taken: bool,
    ) -> Result<Value, ErrorKind> {
        if taken {
            return Err(ErrorKind::Conflict);
        }
        let room = Room {
            floor,
            owner,
            version: self.before.get(&id).map_or(0, |room| room.version) + 1,
        };
        self.rooms.insert(id, room);
        Ok(seen(id, room))
    }
}

fn between(id: i64, (low, from): (Edge, i64), (high, to): (Edge, i64)) -> bool {
    let above = match low {
        Edge::Open => true,
        Edge::Inclusive => id >= from,
        Edge::Exclusive => id > from,
    };
    let below = match high {
        Edge::Open => true,
        Edge::Inclusive => id <= to,
        Edge::Exclusive => id < to,
    };
    above && below
}

/// Without what is absent.
fn plain(id: i64, found: Room) -> Value {
    let record = room(id, found.floor, found.owner);
    let fields = record.as_map().into_iter().flatten();
    let there = fields.filter(|(_, value)| !value.is_null());
    let map: crate::value::Map = there
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    map.into()
}

fn seen(id: i64, room: Room) -> Value {
    let mut map = plain(id, room).as_map().unwrap().clone();
    map.insert(Key::String("version".into()), number(Some(room.version)));
    map.into()
}
