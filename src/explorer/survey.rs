//! What matrix, plots and flips show: counted from a selection, on another thread.

use std::sync::Arc;

use super::view::matrix::Matrix;
use super::view::plots::bars::Tone;
use super::view::plots::rates::Rate;
use super::view::plots::{Bar, Bars, Plot, Point, Points, RateBin, Rates, Series};
use crate::analysis::margins::MarginBar;
use crate::analysis::survey::{self, Part};
use crate::analysis::table::{Counted, tabulate};
use crate::analysis::{Comparison, LEVEL, bins, compare};
use crate::assess;
use crate::library::query::{Comparison as Range, Expr, Filter};
use crate::library::{Cancel, Field, Library, Measure, Query, Selection, Summary, Unit};
use crate::text::{Safe, visible, width};

/// Outputs read back for the plot of first violations; few in tests, which draw it over and over.
const READ: usize = if cfg!(test) { 40 } else { 2000 };

/// Which plot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, clap::ValueEnum)]
pub enum Kind {
    /// `HAcc` and `SAcc` over bins of a length.
    #[value(name = "by-length")]
    Rates,
    /// Runs by correctness and `HAcc`.
    Runs,
    /// Right against followed.
    Cross,
    /// Margins of a constraint.
    Margins,
    /// Where the first violation falls.
    #[value(name = "first-violation")]
    Position,
    /// How long the parts are.
    Lengths,
}

impl Kind {
    /// All, in the order of the screen.
    pub const ALL: [Self; 6] =
        [Self::Rates, Self::Runs, Self::Cross, Self::Margins, Self::Position, Self::Lengths];

    /// A word or two for the row of plots.
    pub fn name(self) -> &'static str {
        match self {
            Self::Rates => "by length",
            Self::Runs => "runs",
            Self::Cross => "right × followed",
            Self::Margins => "margins",
            Self::Position => "first violation",
            Self::Lengths => "lengths",
        }
    }
}

/// What is to be counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Request {
    /// Shares by two fields.
    Matrix {
        /// Fields of rows and columns.
        fields: (Field, Field),
        /// What is counted.
        counted: Counted,
    },
    /// A plot.
    Chart {
        /// Which.
        kind: Kind,
        /// Which of its variants; counted round.
        variant: usize,
        /// In which unit lengths are.
        unit: Unit,
    },
    /// Figures of every run.
    Runs,
    /// Two runs against each other, by their numbers in the library.
    Flips {
        /// Run A: the baseline.
        a: u32,
        /// Run B.
        b: u32,
    },
}

/// A plot with what can be done with it.
#[derive(Debug, Clone, PartialEq)]
pub struct Chart {
    /// The plot.
    pub plot: Plot,
    /// Its name.
    pub title: Safe,
    /// What is counted, of how many, what was left out.
    pub about: Safe,
    /// The query of each thing that can be chosen; `None` where no query can say it.
    pub links: Vec<Option<Query>>,
    /// Names of the variants there are: constraints, parts.
    pub variants: Vec<Safe>,
    /// Which one this is.
    pub variant: usize,
}

/// What was counted.
#[derive(Debug, Clone)]
pub enum Finding {
    /// Shares by two fields.
    Matrix(Matrix),
    /// A plot.
    Chart(Box<Chart>),
    /// Figures of every run.
    Runs(Vec<Summary>),
    /// Two runs against each other.
    Flips(Box<Comparison>),
}

/// Counts. `None` when cancelled.
pub fn count(
    library: &Arc<Library>,
    selection: &Selection,
    request: Request,
    options: assess::Options,
    cancel: &Cancel,
) -> Option<Finding> {
    let finding = match request {
        Request::Matrix { fields, counted } => {
            Finding::Matrix(matrix(library, selection, fields, counted, cancel)?)
        }
        Request::Chart { kind, variant, unit } => {
            let survey = Survey { library, selection, options, cancel };
            Finding::Chart(Box::new(survey.chart(kind, variant, unit)))
        }
        Request::Runs => Finding::Runs(library.summaries(selection)),
        Request::Flips { a, b } => Finding::Flips(Box::new(compare(library, a, b, selection))),
    };
    (!cancel.is_cancelled()).then_some(finding)
}

fn matrix(
    library: &Library,
    selection: &Selection,
    fields: (Field, Field),
    counted: Counted,
    cancel: &Cancel,
) -> Option<Matrix> {
    let table = tabulate(library, selection, fields, counted, cancel)?;
    let safe = |names: &[String]| names.iter().map(|n| visible(n)).collect();
    Some(Matrix {
        measure: counted.name().into(),
        row_field: fields.0.name().into(),
        column_field: fields.1.name().into(),
        rows: safe(&table.rows),
        columns: safe(&table.columns),
        cells: table.cells,
    })
}

/// Everything a plot is counted from.
#[derive(Clone, Copy)]
struct Survey<'a> {
    library: &'a Library,
    selection: &'a Selection,
    options: assess::Options,
    cancel: &'a Cancel,
}

fn one_of(range: Range, measure: Measure) -> Expr {
    Expr::Filter(Filter::Compare { measure, comparison: range })
}

fn whole(from: u32, to: u32) -> Range {
    Range::between(Some(f64::from(from)), Some(f64::from(to)))
}

fn measure(part: Part, unit: Unit) -> Measure {
    match part {
        Part::Trace => Measure::Trace(unit),
        Part::Answer => Measure::Answer(unit),
    }
}

fn unit_name(unit: Unit) -> &'static str {
    match unit {
        Unit::Chars => "characters",
        Unit::Words => "words",
        Unit::Tokens => "tokens",
    }
}

/// Parts that are not empty, with a dot between.
fn joined(parts: impl IntoIterator<Item = String>) -> Safe {
    let parts: Vec<String> = parts.into_iter().filter(|p| !p.is_empty()).collect();
    visible(&parts.join(" · "))
}

/// `12 without a trace`; nothing for none.
fn some(count: u64, what: &str) -> String {
    if count == 0 { String::new() } else { format!("{} {what}", width::count(count as usize)) }
}

impl Survey<'_> {
    fn n(&self) -> String {
        format!("{} generations", width::count(self.selection.count()))
    }

    fn judged(&self) -> String {
        format!("judged: {}", self.options.judged.name())
    }

    fn chart(&self, kind: Kind, variant: usize, unit: Unit) -> Chart {
        match kind {
            Kind::Rates => self.rates(variant, unit),
            Kind::Runs => self.runs(),
            Kind::Cross => self.cross(),
            Kind::Margins => self.margins(variant),
            Kind::Position => self.position(variant),
            Kind::Lengths => self.lengths(variant, unit),
        }
    }

    /// The query in force and one thing more.
    fn link(&self, expr: Expr) -> Query {
        self.selection.query().and(expr)
    }

    /// A fragment of a query added to the one in force.
    fn link_text(&self, fragment: &str) -> Option<Query> {
        let more = Query::parse(fragment).ok()?.expr?;
        Some(self.link(more))
    }

    fn rates(&self, variant: usize, unit: Unit) -> Chart {
        let part = [Part::Trace, Part::Answer][variant % 2];
        let rated = survey::rates(self.library, self.selection, (part, unit), bins::PAPER_BINS, self.cancel);
        let hacc = |b: &bins::BinOutcomes| Rate {
            share: b.metrics.hacc.share(),
            interval: b.metrics.hacc.interval(LEVEL),
        };
        let sacc = |b: &bins::BinOutcomes| Rate {
            share: b.metrics.sacc.value(),
            interval: b.metrics.sacc.share_interval(LEVEL),
        };
        let links = rated
            .bins
            .iter()
            .map(|b| Some(self.link(one_of(whole(b.from, b.to), measure(part, unit)))))
            .collect();
        let plot = Plot::Rates(Rates {
            axis: visible(&format!("{}, {}", part.name(), unit_name(unit))),
            bins: rated.bins.iter().map(|b| RateBin { from: b.from, to: b.to, n: b.metrics.n() }).collect(),
            series: vec![
                Series { name: "HAcc".into(), rates: rated.bins.iter().map(hacc).collect() },
                Series { name: "SAcc".into(), rates: rated.bins.iter().map(sacc).collect() },
            ],
        });
        let binned: u64 = rated.bins.iter().map(|b| b.metrics.n()).sum();
        Chart {
            plot,
            title: visible(&format!("constraints followed over the length of the {}", part.name())),
            about: joined([
                format!("{} generations in bins of about equal size", width::count(binned as usize)),
                some(rated.without, &format!("without {}", article(part))),
                some(rated.unknown, &format!("of unknown length in {}", unit_name(unit))),
                self.judged(),
            ]),
            links,
            variants: vec!["trace".into(), "answer".into()],
            variant: variant % 2,
        }
    }

    fn runs(&self) -> Chart {
        let runs = survey::by_run(self.library, self.selection, self.cancel);
        let name = |run: u32| self.library.runs()[run as usize].run.name.as_str();
        let rate =
            |tally: crate::analysis::Tally| Rate { share: tally.share(), interval: tally.interval(LEVEL) };
        let points = runs
            .iter()
            .map(|(run, m)| Point {
                name: visible(name(*run)),
                x: rate(m.correct),
                y: rate(m.hacc),
                n: m.n(),
            })
            .collect();
        Chart {
            plot: Plot::Points(Points { x_axis: "right".into(), y_axis: "HAcc".into(), points }),
            title: "right against followed, run by run, with 95% intervals".into(),
            about: joined([self.n(), self.judged()]),
            links: runs
                .iter()
                .map(|(run, _)| Some(self.selection.query().with(Field::Run, name(*run))))
                .collect(),
            variants: Vec::new(),
            variant: 0,
        }
    }

    fn cross(&self) -> Chart {
        let cross = survey::cross(self.library, self.selection, self.cancel);
        let cells = [
            "correct:yes verdict:pass",
            "correct:yes verdict:fail,partial",
            "correct:no verdict:pass",
            "correct:no verdict:fail,partial",
        ];
        Chart {
            plot: Plot::Cross(cross),
            title: "right against followed".into(),
            about: joined([self.n(), self.judged()]),
            links: cells.into_iter().map(|cell| self.link_text(cell)).collect(),
            variants: Vec::new(),
            variant: 0,
        }
    }

    /// Constraints of the selection by category and name: number, name.
    fn constraints(&self) -> Vec<(u32, String)> {
        let all = self.library.constraints();
        let mut seen = vec![false; all.len()];
        for row in self.selection.iter() {
            for &number in &self.library.row(row).item().constraints {
                seen[number as usize] = true;
            }
        }
        let shared = |short: &str| all.iter().filter(|c| c.short_name() == short).count() > 1;
        let mut found: Vec<_> = all
            .iter()
            .enumerate()
            .filter(|(i, _)| seen[*i])
            .map(|(i, c)| {
                let name = if shared(c.short_name()) { &c.id } else { c.short_name() };
                (c.category, name.to_owned(), i as u32)
            })
            .collect();
        found.sort();
        found.into_iter().map(|(_, name, number)| (number, name)).collect()
    }

    fn margins(&self, variant: usize) -> Chart {
        let constraints = self.constraints();
        let variants: Vec<Safe> = constraints.iter().map(|(_, name)| visible(name)).collect();
        let Some((number, name)) = constraints.get(variant % constraints.len().max(1)) else {
            return Chart {
                plot: Plot::Bars(Bars::default()),
                title: "margins".into(),
                about: "no generation has a constraint".into(),
                links: Vec::new(),
                variants,
                variant: 0,
            };
        };
        let histogram = survey::margins(self.library, self.selection, *number, self.cancel);
        let range = |bar: &MarginBar| {
            Range::between(bar.from.is_finite().then_some(bar.from), bar.to.is_finite().then_some(bar.to))
        };
        let links = histogram
            .bars
            .iter()
            .map(|bar| Some(self.link(one_of(range(bar), Measure::Margin(Some(name.clone()))))))
            .collect();
        let border = histogram.bars.iter().position(|b| b.followed());
        let bars = histogram
            .bars
            .iter()
            .map(|bar| Bar {
                label: visible(&margin_label(bar)),
                count: bar.count,
                tone: if bar.followed() { Tone::Good } else { Tone::Bad },
            })
            .collect();
        Chart {
            plot: Plot::Bars(Bars {
                axis: "margin".into(),
                unit: "verdicts".into(),
                bars,
                divider: border.filter(|&at| at > 0).map(|at| (at, "border".into())),
            }),
            title: visible(&format!("margins of {name}: below 0 it is broken, by that many")),
            about: joined([
                format!("{} verdicts", width::count(histogram.n as usize)),
                histogram.median_miss.map_or_else(String::new, |m| format!("median miss {m}")),
                some(histogram.unknown, "without a margin"),
                self.judged(),
            ]),
            links,
            variant: variant % variants.len().max(1),
            variants,
        }
    }

    fn position(&self, variant: usize) -> Chart {
        let constraints = self.constraints();
        let variants: Vec<Safe> = std::iter::once("any constraint".into())
            .chain(constraints.iter().map(|(_, name)| visible(name)))
            .collect();
        let variant = variant % variants.len();
        let chosen = variant.checked_sub(1).and_then(|i| constraints.get(i));
        let placed = survey::positions(
            self.library,
            self.selection,
            chosen.map(|(number, _)| *number),
            READ,
            self.options,
            self.cancel,
        );
        let mut bars: Vec<Bar> = placed
            .histogram
            .tenths
            .iter()
            .enumerate()
            .map(|(i, &count)| Bar {
                label: visible(&format!("{}–{}%", i * 10, i * 10 + 10)),
                count,
                tone: Tone::Bad,
            })
            .collect();
        bars.push(Bar { label: "at the end".into(), count: placed.histogram.at_end, tone: Tone::Bad });
        let failed = chosen.map_or_else(
            || self.link_text("verdict:fail,partial"),
            |(_, name)| Some(self.selection.query().with(Field::Failed, name)),
        );
        let nothing = placed.read == 0;
        Chart {
            links: vec![failed; bars.len()],
            plot: Plot::Bars(Bars {
                axis: "judged text".into(),
                unit: "generations".into(),
                bars: if nothing { Vec::new() } else { bars },
                divider: None,
            }),
            title: visible(&format!("where the first violation of {} falls", variants[variant])),
            about: joined([
                if placed.read < placed.all {
                    format!(
                        "{} read of {} that broke it, evenly spread",
                        width::count(placed.read as usize),
                        width::count(placed.all as usize)
                    )
                } else {
                    format!("{} generations that broke it", width::count(placed.all as usize))
                },
                some(placed.histogram.unplaced, "without a place"),
                some(placed.failed, "changed on disk"),
                self.judged(),
            ]),
            variants,
            variant,
        }
    }

    fn lengths(&self, variant: usize, unit: Unit) -> Chart {
        let part = [Part::Trace, Part::Answer][variant % 2];
        let (bins, counts, unknown) =
            survey::lengths(self.library, self.selection, (part, unit), self.cancel);
        let links = bins
            .ranges()
            .map(|r| Some(self.link(one_of(whole(*r.start(), *r.end()), measure(part, unit)))))
            .collect();
        let bars = bins
            .ranges()
            .zip(&counts)
            .map(|(range, &count)| Bar {
                label: visible(&if range.start() == range.end() {
                    width::count(*range.start() as usize)
                } else {
                    format!(
                        "{}–{}",
                        width::count(*range.start() as usize),
                        width::count(*range.end() as usize)
                    )
                }),
                count,
                tone: Tone::Series(variant % 2),
            })
            .collect();
        Chart {
            plot: Plot::Bars(Bars {
                axis: unit_name(unit).into(),
                unit: "generations".into(),
                bars,
                divider: None,
            }),
            title: visible(&format!("length of the {}", part.name())),
            about: joined([
                self.n(),
                some(unknown, &format!("of unknown length in {}", unit_name(unit))),
                "bars widen with the length".to_owned(),
            ]),
            links,
            variants: vec!["trace".into(), "answer".into()],
            variant: variant % 2,
        }
    }
}

fn article(part: Part) -> &'static str {
    match part {
        Part::Trace => "a trace",
        Part::Answer => "an answer",
    }
}

/// `−100..−31`, `−1`, `≥3001`, `0.2..0.3`.
fn margin_label(bar: &MarginBar) -> String {
    let number =
        |x: f64| if x.fract() == 0.0 { format!("{x:.0}") } else { format!("{x:.1}") }.replace('-', "−");
    match (bar.from.is_finite(), bar.to.is_finite()) {
        (false, _) => format!("≤{}", number(bar.to)),
        (_, false) => format!("≥{}", number(bar.from)),
        _ if bar.from.to_bits() == bar.to.to_bits() => number(bar.from),
        _ => format!("{}..{}", number(bar.from), number(bar.to)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_of_margins() {
        let label = |from, to| margin_label(&MarginBar { from, to, count: 0 });
        assert_eq!(label(f64::NEG_INFINITY, -3001.0), "≤−3001");
        assert_eq!(label(3001.0, f64::INFINITY), "≥3001");
        assert_eq!((label(-1.0, -1.0).as_str(), label(-3.0, -2.0).as_str()), ("−1", "−3..−2"));
        assert_eq!(label(-0.3, -0.2), "−0.3..−0.2");
    }
}
