//! Names of things by their place in a table of a program: 16 bits each, and one type a table, so that they cannot be mixed up.

macro_rules! index {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub u16);

        impl $name {
            /// The place in its table.
            #[must_use]
            pub fn index(self) -> usize {
                usize::from(self.0)
            }
        }
    )*};
}

index! {
    /// A register of the current frame.
    Reg;
    /// An operation of a function.
    Pc;
    /// Index into [`crate::program::Parts::functions`].
    FuncId;
    /// Index into [`crate::program::Parts::constants`].
    ConstId;
    /// Index into [`crate::program::Parts::fields`].
    FieldId;
    /// Index into [`crate::program::Parts::paths`].
    PathId;
    /// Index into [`crate::program::Parts::tests`].
    TestId;
    /// Index into [`crate::program::Parts::shapes`].
    ShapeId;
    /// Index into [`crate::program::Parts::sources`].
    SourcesId;
    /// Index into [`crate::program::Parts::switches`].
    SwitchId;
    /// Index into [`crate::program::Parts::builtin_calls`].
    BuiltinCallId;
    /// Index into [`crate::program::Parts::sites`].
    SiteId;
    /// Index into [`crate::program::Parts::scopes`].
    ScopeSiteId;
    /// Index into [`crate::program::Parts::answers`].
    AnswerId;
}
