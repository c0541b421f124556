//! What a library says, to hold one against another.

use std::collections::BTreeMap;

use heedless::library::Library;

/// All that the library says of each generation, in an order of its own.
pub fn content(library: &Library) -> BTreeMap<String, String> {
    let facts = |row: u32| {
        let row = library.row(row);
        let cells: Vec<_> = row
            .constraints()
            .map(|c| (c.constraint.id.to_string(), c.status, c.margin.map(f32::to_bits), c.saved))
            .collect();
        format!(
            "{:?} {:?} {:?} {:?} {:?} {:?} {:x} {:?} {}:{}",
            row.trace(),
            row.answer(),
            row.overall(),
            row.correct(),
            row.finish(),
            row.modes(),
            row.hash(),
            cells,
            row.source().path.display(),
            row.line(),
        )
    };
    let all: BTreeMap<String, String> =
        library.all().iter().map(|row| (library.key(row), facts(row))).collect();
    assert_eq!(all.len(), library.len(), "keys are unique");
    all
}
