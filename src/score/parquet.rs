//! Verdicts as a Parquet table: a row for each constraint of each generation.
//!
//! What belongs to the generation (`correct`, `extracted`, lengths, modes) is repeated on each of
//! its rows; a generation without constraints has one row with a null `constraint`. Marks and modes
//! are JSON text.

use std::io::Write;
use std::sync::Arc;

use parquet::basic::{Compression, ZstdLevel};
use parquet::column::writer::ColumnWriter;
use parquet::data_type::ByteArray;
use parquet::errors::{ParquetError, Result};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::parser::parse_message_type;

use super::jsonl::{OneVerdict, chars};
use crate::assess::Judgement;
use crate::failure::{Mode, Modes};
use crate::path::shown;
use crate::record::Record;

const SCHEMA: &str = "
    message verdicts {
        REQUIRED BYTE_ARRAY file (UTF8);
        REQUIRED INT64 line;
        REQUIRED INT32 sample;
        OPTIONAL BYTE_ARRAY constraint (UTF8);
        OPTIONAL BOOLEAN followed;
        OPTIONAL DOUBLE measured;
        OPTIONAL DOUBLE margin;
        OPTIONAL BYTE_ARRAY unit (UTF8);
        OPTIONAL BYTE_ARRAY marks (UTF8);
        OPTIONAL BYTE_ARRAY reason (UTF8);
        OPTIONAL BOOLEAN correct;
        OPTIONAL BYTE_ARRAY extracted (UTF8);
        REQUIRED INT64 trace_chars;
        REQUIRED INT64 answer_chars;
        OPTIONAL BYTE_ARRAY modes (UTF8);
    }";

/// Rows held before they are written as a group.
const GROUP: usize = 1 << 16;

/// One row of the table.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    file: String,
    line: i64,
    sample: i32,
    verdict: Option<VerdictCells>,
    correct: Option<bool>,
    extracted: Option<String>,
    trace_chars: i64,
    answer_chars: i64,
    modes: Option<String>,
}

#[derive(Debug, Clone, PartialEq)]
struct VerdictCells {
    constraint: String,
    followed: Option<bool>,
    measured: Option<f64>,
    margin: Option<f64>,
    unit: Option<String>,
    marks: String,
    reason: String,
}

/// The rows of one generation; its failure modes where they were asked for.
pub fn rows(record: &Record, judgement: &Judgement, modes: Option<Modes>) -> Vec<Row> {
    let (trace_chars, answer_chars) = chars(&record.generation, &judgement.split);
    let modes =
        modes.map(|modes| serde_json::json!(modes.iter().map(Mode::name).collect::<Vec<_>>()).to_string());
    let row = |verdict| Row {
        file: shown(&record.place.path),
        line: record.place.line as i64,
        sample: record.generation.sample as i32,
        verdict,
        correct: judgement.grade.correct,
        extracted: judgement.grade.extracted.clone(),
        trace_chars: i64::from(trace_chars),
        answer_chars: i64::from(answer_chars),
        modes: modes.clone(),
    };
    if record.item.constraints.is_empty() {
        return vec![row(None)];
    }
    let both = record.item.constraints.iter().zip(&judgement.verdicts);
    both.map(|(constraint, verdict)| {
        let one = OneVerdict::new(constraint, verdict);
        row(Some(VerdictCells {
            constraint: one.constraint.to_owned(),
            followed: one.followed,
            measured: one.measured,
            margin: one.margin,
            unit: one.unit.map(str::to_owned),
            marks: serde_json::json!(one.marks).to_string(),
            reason: one.reason.to_owned(),
        }))
    })
    .collect()
}

/// Writes rows in groups.
pub struct ParquetWriter<W: Write + Send> {
    file: SerializedFileWriter<W>,
    rows: Vec<Row>,
}

impl<W: Write + Send> ParquetWriter<W> {
    /// Begins a file.
    pub fn new(to: W) -> Result<Self> {
        let schema = Arc::new(parse_message_type(SCHEMA)?);
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::default()))
            .set_created_by(concat!("heedless ", env!("CARGO_PKG_VERSION")).to_owned())
            .build();
        let file = SerializedFileWriter::new(to, schema, Arc::new(properties))?;
        Ok(Self { file, rows: Vec::with_capacity(GROUP) })
    }

    /// Takes the rows of one generation.
    pub fn write(&mut self, rows: Vec<Row>) -> Result<()> {
        self.rows.extend(rows);
        if self.rows.len() >= GROUP { self.flush() } else { Ok(()) }
    }

    /// Writes what is held and the footer: without it there is no file.
    pub fn finish(mut self) -> Result<W> {
        self.flush()?;
        self.file.into_inner()
    }

    fn flush(&mut self) -> Result<()> {
        let rows = std::mem::take(&mut self.rows);
        if rows.is_empty() {
            return Ok(());
        }
        let mut group = self.file.next_row_group()?;
        texts(&mut group, rows.iter().map(|r| Some(r.file.as_str())), false)?;
        longs(&mut group, rows.iter().map(|r| r.line))?;
        ints(&mut group, rows.iter().map(|r| r.sample))?;
        let cells = || rows.iter().map(|r| r.verdict.as_ref());
        texts(&mut group, cells().map(|v| Some(v?.constraint.as_str())), true)?;
        truths(&mut group, cells().map(|v| v?.followed))?;
        doubles(&mut group, cells().map(|v| v?.measured))?;
        doubles(&mut group, cells().map(|v| v?.margin))?;
        texts(&mut group, cells().map(|v| v?.unit.as_deref()), true)?;
        texts(&mut group, cells().map(|v| Some(v?.marks.as_str())), true)?;
        texts(&mut group, cells().map(|v| Some(v?.reason.as_str())), true)?;
        truths(&mut group, rows.iter().map(|r| r.correct))?;
        texts(&mut group, rows.iter().map(|r| r.extracted.as_deref()), true)?;
        longs(&mut group, rows.iter().map(|r| r.trace_chars))?;
        longs(&mut group, rows.iter().map(|r| r.answer_chars))?;
        texts(&mut group, rows.iter().map(|r| r.modes.as_deref()), true)?;
        group.close()?;
        Ok(())
    }
}

/// Writes the next column, which must be of the given kind.
macro_rules! column {
    ($name:ident, $writer:ident, $value:ty, optional) => {
        fn $name<W: Write + Send>(
            group: &mut SerializedRowGroupWriter<'_, W>,
            values: impl Iterator<Item = Option<$value>>,
        ) -> Result<()> {
            let (levels, values) = levels(values);
            write(group, |column| match column {
                ColumnWriter::$writer(c) => c.write_batch(&values, Some(&levels), None).map(Some),
                _ => Ok(None),
            })
        }
    };
    ($name:ident, $writer:ident, $value:ty) => {
        fn $name<W: Write + Send>(
            group: &mut SerializedRowGroupWriter<'_, W>,
            values: impl Iterator<Item = $value>,
        ) -> Result<()> {
            let values: Vec<$value> = values.collect();
            write(group, |column| match column {
                ColumnWriter::$writer(c) => c.write_batch(&values, None, None).map(Some),
                _ => Ok(None),
            })
        }
    };
}

column!(truths, BoolColumnWriter, bool, optional);
column!(doubles, DoubleColumnWriter, f64, optional);
column!(longs, Int64ColumnWriter, i64);
column!(ints, Int32ColumnWriter, i32);

fn texts<'a, W: Write + Send>(
    group: &mut SerializedRowGroupWriter<'_, W>,
    values: impl Iterator<Item = Option<&'a str>>,
    optional: bool,
) -> Result<()> {
    let (levels, values) = levels(values.map(|v| v.map(ByteArray::from)));
    write(group, |column| match column {
        ColumnWriter::ByteArrayColumnWriter(c) => {
            c.write_batch(&values, optional.then_some(levels.as_slice()), None).map(Some)
        }
        _ => Ok(None),
    })
}

/// Values that are there, and a level for each that says whether it is.
fn levels<T>(values: impl Iterator<Item = Option<T>>) -> (Vec<i16>, Vec<T>) {
    let mut levels = Vec::new();
    let there = values.inspect(|v| levels.push(i16::from(v.is_some()))).flatten().collect();
    (levels, there)
}

fn write<W: Write + Send>(
    group: &mut SerializedRowGroupWriter<'_, W>,
    batch: impl FnOnce(&mut ColumnWriter<'_>) -> Result<Option<usize>>,
) -> Result<()> {
    let other = || ParquetError::General("the column is not of the kind the schema says".to_owned());
    let mut column = group.next_column()?.ok_or_else(other)?;
    batch(column.untyped())?.ok_or_else(other)?;
    column.close()
}

#[cfg(test)]
mod tests {
    use parquet::file::reader::{FileReader as _, SerializedFileReader};
    use parquet::record::RowAccessor as _;

    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        let row = |line, verdict| Row {
            file: "f".into(),
            line,
            sample: 0,
            verdict,
            correct: (line % 2 == 0).then_some(true),
            extracted: None,
            trace_chars: 3,
            answer_chars: 4,
            modes: (line % 2 == 0).then(|| "[]".into()),
        };
        let cells = VerdictCells {
            constraint: "punctuation:no_comma".into(),
            followed: Some(false),
            measured: Some(3.0),
            margin: Some(-3.0),
            unit: Some("commas".into()),
            marks: "[]".into(),
            reason: "3 commas too many".into(),
        };
        let mut writer = ParquetWriter::new(tempfile::tempfile().unwrap()).unwrap();
        for line in 0..(GROUP as i64 + 10) {
            writer.write(vec![row(line, Some(cells.clone()))]).unwrap();
        }
        writer.write(vec![row(-1, None)]).unwrap();
        let reader = SerializedFileReader::new(writer.finish().unwrap()).unwrap();
        assert_eq!(reader.num_row_groups(), 2);
        let rows: Vec<_> = reader.get_row_iter(None).unwrap().map(std::result::Result::unwrap).collect();
        assert_eq!(rows.len(), GROUP + 11);
        assert_eq!(rows[1].get_string(3).unwrap(), "punctuation:no_comma");
        assert_eq!(rows[1].get_double(6).unwrap().to_bits(), (-3.0f64).to_bits());
        assert!(rows[1].get_bool(10).is_err());
        assert!(rows[2].get_bool(10).unwrap());
        assert_eq!(rows[2].get_string(14).unwrap(), "[]");
        assert!(rows[1].get_string(14).is_err());
        assert!(rows.last().unwrap().get_string(3).is_err());
    }
}
