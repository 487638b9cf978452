//! Types.

use super::{choice, number, record};
use crate::schema::{Bound, Field, Schema, TypeId, Types};

number!(TypeId Types);

record! {
    Field { schema, optional, default }
}

choice! {
    Schema {
        0 Any,
        1 Null,
        2 Bool,
        3 Int { min, max },
        4 Uint { min, max },
        5 Double { min, max },
        6 String { min, max, pattern },
        7 Url,
        8 Bytes { max },
        9 Timestamp,
        10 Duration,
        11 Enum(values),
        12 Nullable(inner),
        13 List { item, min, max },
        14 Map { value, max },
        15 Object { shape, fields, open },
        16 Blob { max, media },
    }
    Bound {
        0 Open,
        1 Inclusive(limit),
        2 Exclusive(limit),
    }
}
