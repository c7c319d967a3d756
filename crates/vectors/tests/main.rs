//! One program for all tests, which is linked once.

mod known_answers;
mod properties;
mod schema;
