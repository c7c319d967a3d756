//! The members of a JSON object (RFC 8259), one after the other.
//!
//! Of the libraries that work without an allocator none refuses all that is no JSON, and they call themselves for each level,
//! so that a file of brackets ends them. This one goes over nested values without calling itself.

/// What is no JSON, or no object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NotJson;

/// How deep values may be nested: a bit each.
const MOST_LEVELS: u32 = 64;

/// A member's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Value<'a> {
    /// Text as it is written, without its quotes; an escape is still one.
    Text(&'a [u8]),
    /// Anything else.
    Other,
}

/// Calls `member` with each name and value of the object that `json` is.
pub(crate) fn members<'a>(json: &'a [u8], mut member: impl FnMut(&'a [u8], Value<'a>)) -> Result<(), NotJson> {
    core::str::from_utf8(json).map_err(|_| NotJson)?;
    let mut reader = Reader { json, at: 0 };
    reader.expect(b'{')?;
    if !reader.takes(b'}') {
        loop {
            let name = reader.name()?;
            let value = reader.value()?;
            member(name, value);
            if reader.takes(b'}') {
                break;
            }
            reader.expect(b',')?;
        }
    }
    if reader.peek().is_some() { Err(NotJson) } else { Ok(()) }
}

/// The text that is written so, into `to`; `None` if it is longer.
pub(crate) fn unescape<'t>(written: &[u8], to: &'t mut [u8]) -> Option<&'t [u8]> {
    let mut len = 0;
    let mut rest = written.iter();
    while let Some(byte) = rest.next() {
        let byte = match byte {
            b'\\' => match rest.next()? {
                b'u' => {
                    let digits = rest.as_slice().get(..4)?;
                    rest = rest.as_slice()[4..].iter();
                    let code = u32::from_str_radix(core::str::from_utf8(digits).ok()?, 16).ok()?;
                    // What is not ASCII is in no member that matters: it becomes what no member holds.
                    u8::try_from(code).ok().filter(u8::is_ascii).unwrap_or(0)
                }
                b'b' => 8,
                b'f' => 12,
                b'n' => b'\n',
                b'r' => b'\r',
                b't' => b'\t',
                other => *other,
            },
            other => *other,
        };
        *to.get_mut(len)? = byte;
        len += 1;
    }
    Some(&to[..len])
}

struct Reader<'a> {
    json: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    /// The next byte that is no space.
    fn peek(&mut self) -> Option<u8> {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.json.get(self.at) {
            self.at += 1;
        }
        self.json.get(self.at).copied()
    }

    fn takes(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, byte: u8) -> Result<(), NotJson> {
        if self.takes(byte) { Ok(()) } else { Err(NotJson) }
    }

    fn name(&mut self) -> Result<&'a [u8], NotJson> {
        let name = self.text()?;
        self.expect(b':')?;
        Ok(name)
    }

    fn text(&mut self) -> Result<&'a [u8], NotJson> {
        self.expect(b'"')?;
        let start = self.at;
        loop {
            match self.next()? {
                b'"' => return Ok(&self.json[start..self.at - 1]),
                b'\\' => match self.next()? {
                    b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => {}
                    b'u' => {
                        for _ in 0..4 {
                            if !self.next()?.is_ascii_hexdigit() {
                                return Err(NotJson);
                            }
                        }
                    }
                    _ => return Err(NotJson),
                },
                0..0x20 => return Err(NotJson),
                _ => {}
            }
        }
    }

    fn next(&mut self) -> Result<u8, NotJson> {
        let byte = self.json.get(self.at).copied().ok_or(NotJson)?;
        self.at += 1;
        Ok(byte)
    }

    fn value(&mut self) -> Result<Value<'a>, NotJson> {
        if self.peek() == Some(b'"') {
            return self.text().map(Value::Text);
        }
        // A bit for each level that is open: 1 is an object.
        let mut levels = 0_u64;
        let mut depth = 0;
        loop {
            match self.peek().ok_or(NotJson)? {
                b'"' => _ = self.text()?,
                open @ (b'{' | b'[') => {
                    self.at += 1;
                    if depth == MOST_LEVELS {
                        return Err(NotJson);
                    }
                    let is_object = open == b'{';
                    if !self.takes(if is_object { b'}' } else { b']' }) {
                        levels = levels << 1 | u64::from(is_object);
                        depth += 1;
                        if is_object {
                            self.name()?;
                        }
                        continue;
                    }
                }
                _ => self.scalar()?,
            }
            // A value has ended, and with it perhaps those around it.
            loop {
                if depth == 0 {
                    return Ok(Value::Other);
                }
                let is_object = levels & 1 == 1;
                if self.takes(b',') {
                    if is_object {
                        self.name()?;
                    }
                    break;
                }
                self.expect(if is_object { b'}' } else { b']' })?;
                levels >>= 1;
                depth -= 1;
            }
        }
    }

    /// A number, or one of the three words.
    fn scalar(&mut self) -> Result<(), NotJson> {
        for word in [&b"true"[..], b"false", b"null"] {
            if self.json[self.at..].starts_with(word) {
                self.at += word.len();
                return Ok(());
            }
        }
        self.skip(b'-');
        if !self.skip(b'0') {
            self.digits()?;
        }
        if self.skip(b'.') {
            self.digits()?;
        }
        if self.skip(b'e') || self.skip(b'E') {
            let _ = self.skip(b'+') || self.skip(b'-');
            self.digits()?;
        }
        Ok(())
    }

    fn skip(&mut self, byte: u8) -> bool {
        let found = self.json.get(self.at) == Some(&byte);
        self.at += usize::from(found);
        found
    }

    fn digits(&mut self) -> Result<(), NotJson> {
        let start = self.at;
        while self.json.get(self.at).is_some_and(u8::is_ascii_digit) {
            self.at += 1;
        }
        if self.at == start { Err(NotJson) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn reads(json: &[u8]) -> bool {
        members(json, |_, _| ()).is_ok()
    }

    #[test]
    fn members_come_in_their_order() {
        let mut seen = Vec::new();
        members(br#" {"a":"x\"y", "b" : [1,{"c":null}] ,"":-0.5e+3} "#, |name, value| seen.push((name, value)))
            .unwrap();
        let text = |written| Value::Text(written);
        assert_eq!(seen, [(&b"a"[..], text(br#"x\"y"#)), (b"b", Value::Other), (b"", Value::Other)]);
    }

    #[test]
    fn brackets_without_end_are_refused() {
        assert!(!reads(&[b'['; 16_000]));
        assert!(!reads(&[b"{\"a\":".as_slice(), &[b'['; 15_000]].concat()));
        assert!(reads(&[b"{\"a\":".as_slice(), &[b'['; 64], &[b']'; 64], b"}"].concat()));
        assert!(!reads(&[b"{\"a\":".as_slice(), &[b'['; 65], &[b']'; 65], b"}"].concat()));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4000))]
        #[test]
        fn as_serde_json_says(json in r#"\{("[ad\\u0]{0,3}":|[\[\]{},: ]|"x"|-?[01]{1,2}|\.5|e[+-]?1|true|null){0,9}\}"#) {
            let is_object = serde_json::from_str::<serde_json::Map<_, _>>(&json).is_ok();
            prop_assert_eq!(reads(json.as_bytes()), is_object, "{}", json);
        }

        #[test]
        fn any_bytes_end(json in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = reads(&json);
            let _ = reads(&[b"{\"a\":".as_slice(), &json].concat());
        }
    }
}
