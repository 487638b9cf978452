//! Records from JSON Lines: all lines are read and checked before the first is written.

use super::{Open, unreadable};
use crate::output::{self, Outcome, Problem};
use journey_machine::json::read_json;
use journey_machine::schema::{Decoder, Faults, Mode, Path};
use journey_machine::state::{Change, Found, Place};
use journey_machine::value::Value;
use journey_server::clock;
use journey_server::state::Described;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader};

/// Records written at once.
const AT_ONCE: usize = 500;

/// The stores that lines are of, ready to read them.
type Known = BTreeMap<String, (Described, Decoder)>;

impl Open {
    pub(super) fn import(&self, file: &std::path::Path, replace: bool) -> Outcome {
        let mut known = Known::new();
        for described in self.stores()? {
            let decoder =
                Decoder::new(described.types()).map_err(|e| Problem::new(e.to_string()))?;
            let name = super::name_of(&described).unwrap_or_default().to_owned();
            known.insert(name, (described, decoder));
        }
        let mut changes = Vec::new();
        for (number, line) in (1_usize..).zip(lines(file)?) {
            let line = line.map_err(|error| Problem::io("read", file, &error))?;
            let change = self.change(&known, line.as_bytes(), replace);
            let wrong = |what| Problem::new(format!("{}:{number}: {what}", file.display()));
            changes.push(change.map_err(|what| wrong(what).help("nothing was imported"))?);
        }
        for (pages, page) in changes.chunks(AT_ONCE).enumerate() {
            self.write(page.concat()).map_err(|problem| {
                let written = pages * AT_ONCE;
                problem.help(format!("{written} records were imported before"))
            })?;
        }
        output::print(format!("{} records\n", changes.len()));
        self.clean_uploads()
    }

    /// All that is to be written for a record.
    fn change(&self, known: &Known, line: &[u8], replace: bool) -> Result<Vec<Change>, String> {
        let line = read_json(line).map_err(|error| error.to_string())?;
        let name = line
            .get("store")
            .and_then(Value::as_str)
            .ok_or("`store` is missing")?;
        if line.get("hidden").is_some() {
            return Err("labelled fields are missing: export with --reveal".to_owned());
        }
        let (described, decoder) = known
            .get(name)
            .ok_or_else(|| format!("there is no store {name}"))?;
        let record = line.get("record").ok_or("`record` is missing")?;
        let record = typed(described, decoder, record)?;
        let unreadable = || unreadable().to_string();
        let table = described.table().ok_or_else(unreadable)?;
        let place = table.place_of(&record).map_err(|error| error.to_string())?;
        let former = self.found(&place)?;
        if !replace && former.is_some() {
            return Err(
                "there is a record with this key already; --replace takes its place".to_owned(),
            );
        }
        let former = former.map(|found| self.state.deletion(&table, &found));
        let former = former.unwrap_or(Some(Vec::new())).ok_or_else(unreadable)?;
        let row = self
            .state
            .row_of(&table, &place, &record)
            .ok_or_else(unreadable)?;
        let kept = self.state.keeping(&table, &place, &record)?;
        let mut changes = freed(former, &place, &kept);
        changes.extend(kept);
        changes.push(Change::Put(place, row));
        Ok(changes)
    }

    fn found(&self, place: &Place) -> Result<Option<Found>, String> {
        let found = self.state.engine.row(place, clock::timestamp());
        let found = self.runtime.block_on(found);
        found.map_err(|error| error.to_string())
    }
}

/// Of what the deletion of the former record would change, that which the new one does not.
fn freed(former: Vec<Change>, place: &Place, kept: &[Change]) -> Vec<Change> {
    let is_kept = |gone: &Place| {
        let mut kept = kept.iter();
        kept.any(|change| matches!(change, Change::Put(place, _) if place == gone))
    };
    let mut freed = former;
    freed.retain(|change| match change {
        Change::Delete(gone) => gone != place && !is_kept(gone),
        Change::Put(..) | Change::Rewrite(..) => true,
    });
    freed
}

fn lines(file: &std::path::Path) -> Result<std::io::Lines<BufReader<File>>, Problem> {
    let opened = File::open(file).map_err(|error| Problem::io("read", file, &error))?;
    Ok(BufReader::new(opened).lines())
}

fn typed(described: &Described, decoder: &Decoder, record: &Value) -> Result<Value, String> {
    let store = described.store().ok_or("the store is unknown")?;
    let mut faults = Faults::new();
    let path = Path::root("record");
    let typed = decoder.value(store.record, record, Mode::Request, &path, &mut faults);
    let all = faults
        .list()
        .iter()
        .map(|fault| format!("{} {}", fault.pointer, fault.message));
    let all: Vec<String> = all.collect();
    if all.is_empty() {
        Ok(typed)
    } else {
        Err(all.join("; "))
    }
}
