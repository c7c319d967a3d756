//! One program for all tests, because each program is linked with the whole tool.

mod build_elsewhere;
mod build_missing_tools;
mod build_modules;
mod size_chapter;
mod tests_named;
mod version;
