//! The line over runs side by side: which of them did not fit, how many words they share.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::super::app::{App, Areas};
use super::super::theme::Meaning;
use super::paint::Pen;
use crate::text::visible;
use crate::text::width::cut;

/// Draws the line, where there is one.
pub fn strip(app: &App, buffer: &mut Buffer, areas: &Areas) {
    let (Some(beside), Some(area)) = (&app.beside, areas.strip) else { return };
    let columns: Vec<Option<Rect>> = std::iter::once(areas.reading).chain(areas.beside).collect();
    let is_shown = |column: usize| columns.get(column).is_some_and(Option::is_some);
    let hidden: Vec<&str> = (0..beside.columns())
        .filter(|&column| !is_shown(column))
        .filter_map(|column| app.run_of_column(column))
        .collect();
    let shared = |column: usize| {
        let found = beside.differences.as_ref().filter(|_| beside.differing)?;
        found.shared_of(app.column(column)?.document()?.standing.content())
    };
    let beginning = shared_beginning((0..beside.columns()).filter_map(|c| app.run_of_column(c)));
    let short = |name: &str| {
        let end = name.get(beginning..).unwrap_or(name);
        if beginning > 3 { format!("…{}", visible(end)) } else { visible(name).into_string() }
    };
    let mut first = true;
    for column in (0..beside.columns()).filter(|&c| is_shown(c)) {
        let Some(place) = columns[column] else { continue };
        // One over the other they share the line: what is hidden is said once.
        if !first && place.y > area.y + 1 {
            break;
        }
        let segment = Rect { x: place.x, width: place.width, ..area };
        let room = usize::from(segment.width.saturating_sub(2));
        let says_hidden = first && !hidden.is_empty();
        let words = if says_hidden {
            let names: Vec<String> = hidden.iter().map(|name| short(name)).collect();
            let not_shown = format!("{} not shown: {}", hidden.len(), names.join(", "));
            match app.run_of_column(column) {
                // The one in front of the others has to say which it is.
                Some(run) if hidden.len() + 1 == beside.columns() => format!("{} · {not_shown}", short(run)),
                _ => not_shown,
            }
        } else {
            match (shared(column), column) {
                (Some(share), _) => format!("{:.0}% of the words shared", share * 100.0),
                (None, 0) if beside.differing => "underlined: what no other says".to_owned(),
                _ => String::new(),
            }
        };
        let meaning = if says_hidden { Meaning::Warn } else { Meaning::Dim };
        Pen::at(buffer, segment, 0).skip(1).write(&cut(&words, room), app.theme.style(meaning));
        first = false;
    }
}

/// Bytes that all of these names begin with, up to where a new word begins in them.
fn shared_beginning<'a>(mut names: impl Iterator<Item = &'a str>) -> usize {
    let Some(first) = names.next() else { return 0 };
    let mut shared = first.len();
    for name in names {
        let same = first.bytes().zip(name.bytes()).take_while(|(a, b)| a == b).count();
        shared = shared.min(same);
    }
    first[..first.floor_char_boundary(shared)].rfind(['+', '-', '_', '/', ' ']).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_keep_what_tells_them_apart() {
        let table: [(&[&str], usize); 4] = [
            (&["qwen-0.5b+wait1", "qwen-0.5b+wait2"], 9),
            (&["qwen3-max", "deepseek"], 0),
            (&["model-é", "model-è"], 5),
            (&[], 0),
        ];
        for (names, shared) in table {
            assert_eq!(shared_beginning(names.iter().copied()), shared, "{names:?}");
        }
    }
}
