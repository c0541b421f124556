//! The library: what was imported, as columns and a full-text index, in a folder of its own.
