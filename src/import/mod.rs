//! Import: bytes to records. One file per format; a bad line is a [`Reject`](crate::error::Reject), never a stop.
