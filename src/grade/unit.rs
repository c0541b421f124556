//! Units of measure: which words are one, and what they measure.

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Quantity {
    /// Metres.
    Length,
    /// Seconds.
    Time,
    /// Grams.
    Mass,
    /// Litres.
    Volume,
}

/// Name in the singular, symbol, quantity, factor to its base as a fraction.
const UNITS: [(&str, &str, Quantity, i64, i64); 26] = [
    ("meter", "m", Quantity::Length, 1, 1),
    ("metre", "m", Quantity::Length, 1, 1),
    ("centimeter", "cm", Quantity::Length, 1, 100),
    ("centimetre", "cm", Quantity::Length, 1, 100),
    ("millimeter", "mm", Quantity::Length, 1, 1_000),
    ("millimetre", "mm", Quantity::Length, 1, 1_000),
    ("kilometer", "km", Quantity::Length, 1_000, 1),
    ("kilometre", "km", Quantity::Length, 1_000, 1),
    ("inch", "in", Quantity::Length, 254, 10_000),
    ("foot", "ft", Quantity::Length, 3_048, 10_000),
    ("yard", "yd", Quantity::Length, 9_144, 10_000),
    ("mile", "mi", Quantity::Length, 1_609_344, 1_000),
    ("second", "s", Quantity::Time, 1, 1),
    ("minute", "min", Quantity::Time, 60, 1),
    ("hour", "h", Quantity::Time, 3_600, 1),
    ("day", "day", Quantity::Time, 86_400, 1),
    ("week", "week", Quantity::Time, 604_800, 1),
    ("gram", "g", Quantity::Mass, 1, 1),
    ("milligram", "mg", Quantity::Mass, 1, 1_000),
    ("kilogram", "kg", Quantity::Mass, 1_000, 1),
    ("tonne", "t", Quantity::Mass, 1_000_000, 1),
    ("pound", "lb", Quantity::Mass, 45_359_237, 100_000),
    ("ounce", "oz", Quantity::Mass, 45_359_237, 1_600_000),
    ("liter", "L", Quantity::Volume, 1, 1),
    ("litre", "L", Quantity::Volume, 1, 1),
    ("milliliter", "mL", Quantity::Volume, 1, 1_000),
];

/// Whether two letters are a unit rather than a product of two symbols.
pub(super) fn is_unit(run: &str) -> bool {
    matches!(
        run,
        "km" | "cm" | "mm" | "kg" | "mg" | "ft" | "lb" | "oz" | "mL" | "ml" | "Hz" | "nm" | "eV" | "mi"
    )
}

/// What a unit measures and its factor to the base, as a fraction.
pub(super) fn known(unit: &str) -> Option<(Quantity, i64, i64)> {
    let unit = unit.trim().trim_end_matches('.');
    let lower = unit.to_ascii_lowercase();
    let singular = match lower.as_str() {
        "feet" => "foot",
        "inches" => "inch",
        "hr" | "hrs" => "hour",
        "mins" => "minute",
        "sec" | "secs" => "second",
        other => other.strip_suffix('s').unwrap_or(other),
    };
    UNITS
        .iter()
        .find(|(name, symbol, ..)| *name == singular || *symbol == unit)
        .map(|&(_, _, quantity, over, under)| (quantity, over, under))
}
