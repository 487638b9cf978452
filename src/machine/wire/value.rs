//! Numbers, texts, values, and what is made of any of them.

use super::read::{Malformed, Reader};
use super::write::{Writer, unzigzag, zigzag};
use super::{Wire, choice, record};
use crate::value::{
    Duration, ErrorKind, EvalError, Key, List, Map, Net, Shape, Str, Timestamp, Value,
};
use std::sync::Arc;

macro_rules! unsigned {
    ($($name:ident)*) => {$(
        impl Wire for $name {
            fn write(&self, out: &mut Writer) {
                out.number(u64::from(*self));
            }

            fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
                Self::try_from(from.number()?).map_err(|_| Malformed)
            }
        }
    )*};
}

unsigned!(u16 u32 u64);

impl Wire for i64 {
    fn write(&self, out: &mut Writer) {
        out.number(zigzag(*self));
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        from.number().map(unzigzag)
    }
}

impl Wire for f64 {
    fn write(&self, out: &mut Writer) {
        out.raw(&self.to_bits().to_le_bytes());
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        let bytes = from.raw(8)?.try_into().map_err(|_| Malformed)?;
        Ok(Self::from_bits(u64::from_le_bytes(bytes)))
    }
}

impl Wire for bool {
    fn write(&self, out: &mut Writer) {
        out.byte((*self).into());
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        match from.byte()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(Malformed),
        }
    }
}

impl Wire for Str {
    fn write(&self, out: &mut Writer) {
        out.bytes(self.as_bytes());
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        std::str::from_utf8(from.bytes()?)
            .map(Self::from)
            .map_err(|_| Malformed)
    }
}

impl<T: Wire> Wire for Vec<T> {
    fn write(&self, out: &mut Writer) {
        out.items(self.iter());
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        from.items()
    }
}

impl<T: Wire> Wire for Option<T> {
    fn write(&self, out: &mut Writer) {
        self.is_some().write(out);
        self.iter().for_each(|item| item.write(out));
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        if bool::read(from)? {
            T::read(from).map(Some)
        } else {
            Ok(None)
        }
    }
}

impl<A: Wire, B: Wire> Wire for (A, B) {
    fn write(&self, out: &mut Writer) {
        self.0.write(out);
        self.1.write(out);
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok((A::read(from)?, B::read(from)?))
    }
}

impl<A: Wire, B: Wire> Wire for Result<A, B> {
    fn write(&self, out: &mut Writer) {
        self.is_ok().write(out);
        match self {
            Ok(good) => good.write(out),
            Err(bad) => bad.write(out),
        }
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        if bool::read(from)? {
            A::read(from).map(Ok)
        } else {
            B::read(from).map(Err)
        }
    }
}

impl<T: Wire, const N: usize> Wire for [T; N] {
    fn write(&self, out: &mut Writer) {
        self.iter().for_each(|item| item.write(out));
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        let items: Result<Vec<T>, Malformed> = (0..N).map(|_| T::read(from)).collect();
        items?.try_into().map_err(|_| Malformed)
    }
}

/// Shared things are written wherever they stand: that they are shared has no meaning.
/// Whatever nests does so by way of an `Arc`, so here it is bounded.
impl<T: Wire> Wire for Arc<T> {
    fn write(&self, out: &mut Writer) {
        T::write(self, out);
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        from.spend(size_of::<T>())?;
        from.nested(T::read).map(Self::new)
    }
}

impl Wire for Arc<str> {
    fn write(&self, out: &mut Writer) {
        out.bytes(self.as_bytes());
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        std::str::from_utf8(from.bytes()?)
            .map(Self::from)
            .map_err(|_| Malformed)
    }
}

impl Wire for Arc<[u8]> {
    fn write(&self, out: &mut Writer) {
        out.bytes(self);
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        from.bytes().map(Self::from)
    }
}

impl Wire for Shape {
    fn write(&self, out: &mut Writer) {
        out.number(self.len() as u64);
        self.names().for_each(|name| out.bytes(name.as_bytes()));
    }

    /// A shape keeps each name a second time, as JSON.
    fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        let names = from.items::<Str>()?;
        from.spend(names.iter().map(|name| 8 * name.len() + 32).sum())?;
        Ok(Self::new(names))
    }
}

impl Wire for Timestamp {
    fn write(&self, out: &mut Writer) {
        self.seconds().write(out);
        self.nanos().write(out);
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        Self::new(i64::read(from)?, u32::read(from)?).ok_or(Malformed)
    }
}

impl Wire for Duration {
    fn write(&self, out: &mut Writer) {
        self.nanos().write(out);
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        i64::read(from).map(Self::from_nanos)
    }
}

impl Wire for Net {
    fn write(&self, out: &mut Writer) {
        out.bytes(self.to_string().as_bytes());
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        let text = std::str::from_utf8(from.bytes()?).map_err(|_| Malformed)?;
        let read = Self::parse_address(text).or_else(|| Self::parse_range(text));
        read.ok_or(Malformed)
    }
}

choice! {
    Key {
        0 Bool(flag),
        1 Int(number),
        2 Uint(number),
        3 String(text),
    }
}

impl Wire for List {
    fn write(&self, out: &mut Writer) {
        out.items(self.iter());
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        from.items().map(|items: Vec<Value>| items.into())
    }
}

/// Both layouts of a map have one encoding.
impl Wire for Map {
    fn write(&self, out: &mut Writer) {
        out.number(self.len() as u64);
        for (key, value) in self {
            key.write(out);
            value.write(out);
        }
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        let entries: Vec<(Key, Value)> = from.items()?;
        let count = entries.len();
        let map: Self = entries.into_iter().collect();
        if map.len() == count {
            Ok(map)
        } else {
            Err(Malformed)
        }
    }
}

choice! {
    Value {
        0 Null,
        1 Bool(flag),
        2 Int(number),
        3 Uint(number),
        4 Double(number),
        5 String(text),
        6 Bytes(bytes),
        7 List(items),
        8 Map(map),
        9 Timestamp(time),
        10 Duration(length),
        11 Type(name),
        12 Optional(held),
        13 Error(error),
        14 Net(net),
    }
}

record! {
    EvalError { kind, message }
}

impl Wire for ErrorKind {
    fn write(&self, out: &mut Writer) {
        out.byte(*self as u8);
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        Self::ALL
            .get(usize::from(from.byte()?))
            .copied()
            .ok_or(Malformed)
    }
}
