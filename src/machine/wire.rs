//! Artifacts: programs as bytes; and values by themselves. Nothing is derived: every number that stands in an artifact is written down in a table here,
//! so that no rearrangement of a type can change what old bytes mean.

mod code;
mod manifest;
pub mod program;
mod read;
pub mod snapshot;
mod types;
mod value;
mod write;

use crate::manifest::Store;
use crate::schema::Types;
use crate::value::Value;
use read::{Malformed, Reader};
use write::Writer;

/// A value as bytes; it says itself what it is.
#[must_use]
pub fn value_to_bytes(value: &Value) -> Vec<u8> {
    // As bytes it mostly takes less room.
    let mut out = Writer::with_capacity(value.weight());
    value.write(&mut out);
    out.into_bytes()
}

/// What [`value_to_bytes`] was given; `None`: it has not made these bytes.
#[must_use]
pub fn value_from_bytes(bytes: &[u8]) -> Option<Value> {
    from_bytes(bytes)
}

/// A store and the types its records are made of, as bytes.
#[must_use]
pub fn store_to_bytes(store: &Store, types: &Types) -> Vec<u8> {
    let mut out = Writer::default();
    store.write(&mut out);
    types.write(&mut out);
    out.into_bytes()
}

/// What [`store_to_bytes`] was given; `None`: it has not made these bytes.
#[must_use]
pub fn store_from_bytes(bytes: &[u8]) -> Option<(Store, Types)> {
    from_bytes(bytes)
}

fn from_bytes<T: Wire>(bytes: &[u8]) -> Option<T> {
    let mut from = Reader::new(bytes);
    let read = T::read(&mut from).ok()?;
    (from.left() == 0).then_some(read)
}

/// What has an encoding.
trait Wire: Sized {
    /// Appends the encoding.
    fn write(&self, out: &mut Writer);
    /// Reads what [`Wire::write`] wrote; anything else is malformed, and nothing is built that has not been paid for.
    fn read(from: &mut Reader<'_>) -> Result<Self, Malformed>;
}

/// The fields of a struct, in the order of their encoding.
macro_rules! record {
    ($($name:ty { $($field:ident),* $(,)? })*) => {$(
        impl $crate::wire::Wire for $name {
            fn write(&self, out: &mut $crate::wire::Writer) {
                $(self.$field.write(out);)*
            }

            fn read(from: &mut $crate::wire::Reader<'_>) -> Result<Self, $crate::wire::Malformed> {
                $(let $field = $crate::wire::Wire::read(from)?;)*
                Ok(Self { $($field),* })
            }
        }
    )*};
}

/// The variants of an enum with their numbers, and their fields in order.
macro_rules! choice {
    ($($name:ty { $($code:literal $variant:ident $(($($item:ident),*))? $({ $($field:ident),* })?),* $(,)? })*) => {$(
        impl $crate::wire::Wire for $name {
            fn write(&self, out: &mut $crate::wire::Writer) {
                match self {$(
                    Self::$variant $(($($item),*))? $({ $($field),* })? => {
                        out.byte($code);
                        $($($item.write(out);)*)?
                        $($($field.write(out);)*)?
                    }
                )*}
            }

            fn read(from: &mut $crate::wire::Reader<'_>) -> Result<Self, $crate::wire::Malformed> {
                Ok(match from.byte()? {
                    $($code => {
                        $($(let $item = $crate::wire::Wire::read(from)?;)*)?
                        $($(let $field = $crate::wire::Wire::read(from)?;)*)?
                        Self::$variant $(($($item),*))? $({ $($field),* })?
                    })*
                    _ => return Err($crate::wire::Malformed),
                })
            }
        }
    )*};
}

/// Types around one number.
macro_rules! number {
    ($($name:ident)*) => {$(
        impl $crate::wire::Wire for $name {
            fn write(&self, out: &mut $crate::wire::Writer) {
                self.0.write(out);
            }

            fn read(from: &mut $crate::wire::Reader<'_>) -> Result<Self, $crate::wire::Malformed> {
                $crate::wire::Wire::read(from).map(Self)
            }
        }
    )*};
}

use {choice, number, record};
