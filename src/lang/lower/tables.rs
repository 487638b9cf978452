//! The tables that all functions of a program share. Every entry stands once, in the order of its first use.

use journey_machine::limits::MAX_TABLE;
use journey_machine::manifest::Manifest;
use journey_machine::program::{
    AnswerId, AnswerSite, BuiltinCall, BuiltinCallId, ConstId, EffectSite, FieldId, FieldRef,
    Function, Parts, Path, PathId, ScopeSite, ScopeSiteId, ShapeId, SiteId, Source, SourcesId,
    Switch, SwitchId, Test, TestId,
};
use journey_machine::schema::{Schema, TypeId, Types};
use journey_machine::value::{Shape, Str, Value};
use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::Arc;

/// Entries by their debug form: equality of values is CEL's, in which `1 == 1.0`, so it cannot tell constants apart.
#[derive(Debug)]
pub(super) struct Table<T> {
    entries: Vec<T>,
    places: BTreeMap<String, u16>,
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self {
            entries: Vec::new(),
            places: BTreeMap::new(),
        }
    }
}

impl<T: Debug> Table<T> {
    fn intern(&mut self, entry: T, full: &mut bool) -> u16 {
        let key = format!("{entry:?}");
        if let Some(place) = self.places.get(&key) {
            return *place;
        }
        let place = self.add(entry, full);
        self.places.insert(key, place);
        place
    }

    fn add(&mut self, entry: T, full: &mut bool) -> u16 {
        let place = u16::try_from(self.entries.len())
            .ok()
            .filter(|p| usize::from(*p) < MAX_TABLE);
        *full |= place.is_none();
        if place.is_some() {
            self.entries.push(entry);
        }
        place.unwrap_or(0)
    }
}

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Tables {
    constants: Table<Value>,
    fields: Table<FieldRef>,
    paths: Table<Path>,
    tests: Table<Test>,
    shapes: Table<Arc<Shape>>,
    sources: Table<Vec<Source>>,
    switches: Table<Switch>,
    builtin_calls: Table<BuiltinCall>,
    sites: Table<EffectSite>,
    scopes: Table<ScopeSite>,
    answers: Table<AnswerSite>,
    types: Table<Schema>,
    full: bool,
}

impl Tables {
    pub(super) fn constant(&mut self, value: Value) -> ConstId {
        ConstId(self.constants.intern(value, &mut self.full))
    }

    pub(super) fn field(&mut self, field: FieldRef) -> FieldId {
        FieldId(self.fields.intern(field, &mut self.full))
    }

    pub(super) fn path(&mut self, path: Path) -> PathId {
        PathId(self.paths.intern(path, &mut self.full))
    }

    pub(super) fn test(&mut self, test: Test) -> TestId {
        TestId(self.tests.intern(test, &mut self.full))
    }

    pub(super) fn shape(&mut self, names: Vec<Str>) -> ShapeId {
        ShapeId(
            self.shapes
                .intern(Arc::new(Shape::new(names)), &mut self.full),
        )
    }

    pub(super) fn sources(&mut self, sources: Vec<Source>) -> SourcesId {
        SourcesId(self.sources.intern(sources, &mut self.full))
    }

    pub(super) fn switch(&mut self, switch: Switch) -> SwitchId {
        SwitchId(self.switches.intern(switch, &mut self.full))
    }

    pub(super) fn builtin(&mut self, name: &str, arguments: u16) -> BuiltinCallId {
        BuiltinCallId(self.builtin_calls.intern(
            BuiltinCall {
                name: name.into(),
                arguments,
            },
            &mut self.full,
        ))
    }

    pub(super) fn site(&mut self, site: EffectSite) -> SiteId {
        SiteId(self.sites.intern(site, &mut self.full))
    }

    pub(super) fn scope(&mut self, site: ScopeSite) -> ScopeSiteId {
        ScopeSiteId(self.scopes.intern(site, &mut self.full))
    }

    pub(super) fn answer(&mut self, site: AnswerSite) -> AnswerId {
        AnswerId(self.answers.intern(site, &mut self.full))
    }

    pub(super) fn schema(&mut self, schema: Schema) -> TypeId {
        TypeId(self.types.intern(schema, &mut self.full))
    }

    /// A type that is known later, for types that refer to themselves.
    pub(super) fn reserve_schema(&mut self) -> TypeId {
        TypeId(self.types.add(Schema::Any, &mut self.full))
    }

    pub(super) fn set_schema(&mut self, id: TypeId, schema: Schema) {
        if let Some(entry) = self.types.entries.get_mut(usize::from(id.0)) {
            *entry = schema;
        }
    }

    pub(super) fn get_schema(&self, id: TypeId) -> Option<&Schema> {
        self.types.entries.get(usize::from(id.0))
    }

    /// There is more than 16 bits can name.
    pub(super) fn overflow(&mut self) {
        self.full = true;
    }

    pub(super) fn overflowed(&self) -> bool {
        self.full
    }

    pub(super) fn into_parts(
        self,
        functions: Vec<Function>,
        manifest: Manifest,
        files: Vec<Str>,
    ) -> Parts {
        Parts {
            functions,
            constants: self.constants.entries,
            fields: self.fields.entries,
            paths: self.paths.entries,
            tests: self.tests.entries,
            shapes: self.shapes.entries,
            sources: self.sources.entries,
            switches: self.switches.entries,
            builtin_calls: self.builtin_calls.entries,
            sites: self.sites.entries,
            scopes: self.scopes.entries,
            answers: self.answers.entries,
            types: Types(self.types.entries),
            manifest,
            files,
        }
    }
}
