//! Analysis: metrics, intervals, paired tests, bins. Pure functions over columns.
