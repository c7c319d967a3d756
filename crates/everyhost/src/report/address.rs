//! Links into the page's list of answers.

use crate::visible::visible;

/// A part of the page's address that sets its filters.
pub(super) fn address(filters: &[(&str, &str)]) -> String {
    let mut address = String::new();
    for (name, value) in filters {
        address.push(if address.is_empty() { '#' } else { '&' });
        address += name;
        address.push('=');
        // As the page shows it, and finds it.
        for byte in visible(value).bytes() {
            match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'/' => address.push(byte.into()),
                _ => address += &format!("%{byte:02x}"),
            }
        }
    }
    address
}
