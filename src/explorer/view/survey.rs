//! The counted screens: matrix, plots, flips.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::widgets::Widget;

use super::super::app::App;
use super::super::app::flips::{Compared, HEAD};
use super::super::survey::Kind;
use super::super::theme::Meaning;
use super::flips::{FlipRow, FlipsView};
use super::ink::{Ink, put};
use super::matrix::{MatrixLayout, MatrixView};
use super::paint::Pen;
use super::pairs::{PairLine, PairsView};
use super::plots::PlotView;
use crate::analysis::Pair;
use crate::analysis::compare::Contest;
use crate::library::{Library, Row};
use crate::text::visible;
use crate::text::width::{count, cut_middle, width};

/// An area with a column free at both sides.
fn inner(area: Rect) -> Rect {
    if area.width < 30 { area } else { Rect { x: area.x + 1, width: area.width - 2, ..area } }
}

fn waiting(app: &App, buffer: &mut Buffer, area: Rect) {
    let words = if app.found.is_none() { "reading the files …" } else { "counting …" };
    put(buffer, area, area.x, area.y, &Ink::of(&app.theme).words(words), app.theme.style(Meaning::Dim));
}

/// The matrix.
pub fn matrix(app: &App, buffer: &mut Buffer, area: Rect) {
    let area = inner(area);
    let Some(matrix) = &app.matrix.matrix else { return waiting(app, buffer, area) };
    MatrixView { matrix, cursor: app.matrix.cursor, ink: &Ink::of(&app.theme) }.render(area, buffer);
}

/// The cell of the matrix at a place of the screen.
pub fn cell_at(app: &App, area: Rect, at: Position) -> Option<(usize, usize)> {
    let matrix = app.matrix.matrix.as_ref()?;
    MatrixLayout::new(matrix, app.matrix.cursor, inner(area)).cell_at(at.x, at.y)
}

/// Where the names of the plots stand, each with its columns.
fn tabs(area: Rect) -> Vec<(Kind, u16, u16)> {
    let mut x = area.x;
    let mut places = Vec::new();
    for kind in Kind::ALL {
        let wide = width(kind.name()) as u16;
        places.push((kind, x, x + wide));
        x += wide + 3;
    }
    places
}

/// Whether all names of plots fit on a line.
fn tabs_fit(area: Rect) -> bool {
    tabs(area).last().is_some_and(|&(_, _, end)| end <= area.right())
}

fn plot_area(area: Rect) -> Rect {
    let gap = if area.height >= 16 { 2 } else { 1 };
    Rect { y: area.y + gap.min(area.height), height: area.height.saturating_sub(gap), ..area }
}

/// The plots: their names, then the one that is chosen.
pub fn plots(app: &App, buffer: &mut Buffer, area: Rect) {
    let area = inner(area);
    let ink = Ink::of(&app.theme);
    let screen = &app.plots;
    if tabs_fit(area) {
        for (kind, x, _) in tabs(area) {
            let style = if kind == screen.kind { ink.selected } else { ink.quiet };
            put(buffer, area, x, area.y, &ink.words(kind.name()), style);
        }
    } else {
        let text = format!("{} · {} of {}", screen.kind.name(), screen.place() + 1, Kind::ALL.len());
        put(buffer, area, area.x, area.y, &ink.words(&text), ink.selected);
    }
    let Some(chart) = &screen.chart else { return waiting(app, buffer, plot_area(area)) };
    if chart.variants.len() > 1 {
        let text = format!("{} of {}", chart.variant + 1, chart.variants.len());
        let name = cut_middle(&chart.variants[chart.variant], 24);
        let text = ink.words(&format!("{name} · {text}"));
        let taken = if tabs_fit(area) { tabs(area).last().map_or(area.x, |t| t.2) } else { area.x + 28 };
        if taken + 2 + width(&text) as u16 <= area.right() {
            put(buffer, area, area.right() - width(&text) as u16, area.y, &text, ink.strong);
        }
    }
    let view = PlotView {
        plot: &chart.plot,
        title: &chart.title,
        about: &chart.about,
        chosen: screen.chosen,
        ink: &ink,
    };
    view.render(plot_area(area), buffer);
}

/// What of the plots lies at a place of the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlotHit {
    /// The name of a plot, by its place.
    Tab(usize),
    /// Something in the plot.
    Thing(usize),
}

/// What of the plots lies at a place of the screen.
pub fn plot_at(app: &App, area: Rect, at: Position) -> Option<PlotHit> {
    let area = inner(area);
    if at.y == area.y {
        let tab = tabs(area).into_iter().position(|(_, start, end)| at.x >= start && at.x < end);
        return tab.filter(|_| tabs_fit(area)).map(PlotHit::Tab);
    }
    let chart = app.plots.chart.as_ref()?;
    let ink = Ink::of(&app.theme);
    let view = PlotView {
        plot: &chart.plot,
        title: &chart.title,
        about: &chart.about,
        chosen: app.plots.chosen,
        ink: &ink,
    };
    view.hit(plot_area(area), at.x, at.y).map(PlotHit::Thing)
}

/// The table of flips over the list of pairs.
fn flips_areas(area: Rect) -> (Rect, Rect) {
    let area = inner(area);
    let table = Rect { y: area.y + 1.min(area.height), height: area.height.saturating_sub(1).min(5), ..area };
    let list = Rect { y: area.y + HEAD.min(area.height), height: area.height.saturating_sub(HEAD), ..area };
    (table, list)
}

fn flip_rows(app: &App) -> Vec<FlipRow> {
    let Some(Compared { comparison, .. }) = &app.flips.compared else { return Vec::new() };
    Contest::ALL.map(|c| FlipRow { name: c.name().into(), paired: comparison.paired(c) }).to_vec()
}

/// Two runs on the same items.
pub fn flips(app: &App, buffer: &mut Buffer, area: Rect) {
    let ink = Ink::of(&app.theme);
    let (table, list) = flips_areas(area);
    let area = inner(area);
    let Some(found) = &app.found else { return waiting(app, buffer, area) };
    // What was counted in an older snapshot is shown as that until it was counted anew.
    let library = app.flips.compared.as_ref().map_or(&found.library, |compared| &compared.library);
    let Some(runs) = app.flips.runs(&found.library).and_then(|_| app.flips.runs(library)) else {
        put(buffer, area, area.x, area.y, "there is only one run: nothing to compare it with", ink.plain);
        return;
    };
    let name = |run: u32| visible(&library.runs()[run as usize].run.name);
    let half = usize::from(area.width / 2).saturating_sub(4);
    let mut pen = Pen::at(buffer, area, 0);
    pen.write("A ", ink.series[0]).write(&cut_middle(&name(runs.0), half), ink.strong);
    pen.write("   B ", ink.series[1]).write(&cut_middle(&name(runs.1), half), ink.strong);
    let Some(Compared { comparison, .. }) = &app.flips.compared else { return waiting(app, buffer, table) };
    if (comparison.a, comparison.b) != runs {
        return waiting(app, buffer, table);
    }
    let mut facts = format!("{} pairs ", count(comparison.pairs.len()));
    if comparison.clustered() {
        facts =
            format!("{} pairs of {} items: p is too sure ", count(comparison.pairs.len()), comparison.items);
    }
    let unpaired = comparison.unpaired_a + comparison.unpaired_b;
    if unpaired > 0 {
        facts = format!("{unpaired} without a partner · {facts}");
    }
    pen.right(&ink.words(&facts), ink.quiet);
    let rows = flip_rows(app);
    FlipsView { rows: &rows, cursor: (app.flips.contest, app.flips.kind), ink: &ink }.render(table, buffer);
    if app.flips.order.is_empty() {
        let words = match app.flips.kind {
            None => "no flip: on every pair that is known the two runs fare alike",
            Some(_) => "no pair of this kind",
        };
        put(buffer, list, list.x, list.y, words, ink.quiet);
        return;
    }
    let rows = usize::from(list.height.saturating_sub(1));
    let window = app.flips.order.iter().skip(app.flips.list.top).take(rows);
    let lines: Vec<PairLine> =
        window.filter_map(|&at| comparison.pairs.get(at)).map(|pair| pair_line(library, pair)).collect();
    let cursor = app.flips.list.cursor.checked_sub(app.flips.list.top);
    PairsView { lines: &lines, cursor, ink: &ink }.render(list, buffer);
}

fn pair_line(library: &Library, pair: &Pair) -> PairLine {
    let (a, b) = (library.row(pair.a), library.row(pair.b));
    let id = &a.item().id;
    let item = if a.sample() > 0 { format!("{id}#{}", a.sample()) } else { id.to_string() };
    let words = |row: &Row<'_>| row.trace().words + row.answer().words;
    PairLine {
        item: visible(&item),
        constraints: a
            .constraints()
            .zip(b.constraints())
            .map(|(x, y)| (visible(x.constraint.short_name()), x.status.followed(), y.status.followed()))
            .collect(),
        correct: (a.correct(), b.correct()),
        margin: pair.margin,
        words: (words(&a), words(&b)),
    }
}

/// What of the flips lies at a place of the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FlipHit {
    /// A count: contest, and kind of flip.
    Count(usize, usize),
    /// A line of the list, from its top.
    Line(usize),
}

/// What of the flips lies at a place of the screen.
pub fn flip_at(app: &App, area: Rect, at: Position) -> Option<FlipHit> {
    let (table, list) = flips_areas(area);
    if list.contains(at) {
        return at.y.checked_sub(list.y + 1).map(|line| FlipHit::Line(line.into()));
    }
    let rows = flip_rows(app);
    let view =
        FlipsView { rows: &rows, cursor: (app.flips.contest, app.flips.kind), ink: &Ink::of(&app.theme) };
    view.hit(table, at.x, at.y).map(|(contest, kind)| FlipHit::Count(contest, kind))
}
