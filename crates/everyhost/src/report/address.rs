//! Links into the page's list of answers, and what is safe in an address.

use crate::visible::visible;

/// A part of the page's address that sets its filters.
pub(crate) fn address(filters: &[(&str, &str)]) -> String {
    let mut address = String::new();
    for (name, value) in filters {
        address.push(if address.is_empty() { '#' } else { '&' });
        address += name;
        address.push('=');
        // As the page shows it, and finds it.
        address += &encoded(&visible(value));
    }
    address
}

/// The text as a part of an address.
pub(crate) fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'/' => encoded.push(byte.into()),
            _ => encoded += &format!("%{byte:02x}"),
        }
    }
    encoded
}
