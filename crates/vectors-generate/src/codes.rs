//! The table of codes, as each reader needs it: prose, and each language. The templates in `codes/` have their texts.

use std::path::Path;

use anyhow::Result;
use minijinja::syntax::SyntaxConfig;
use minijinja::{Environment, context};
use signer_abi::{CODES, ErrorCode};

use super::File;
use super::marked::Part;

const PART: Part = Part {
    page: "hosts/ABI.md",
    start: "<!-- codes: written by `make vectors` from crates/signer-abi/src/code.rs -->",
    end: "<!-- /codes -->",
};

const MARKDOWN: &str = include_str!("codes/ABI.md.jinja");

const LANGUAGES: &[(&str, &str)] = &[
    ("hosts/javascript/signer/codes.mjs", include_str!("codes/codes.mjs.jinja")),
    ("hosts/python/everyhost_signer/codes.py", include_str!("codes/codes.py.jinja")),
    ("hosts/java/signer/everyhost/signer/Code.java", include_str!("codes/Code.java.jinja")),
    ("hosts/csharp/EveryhostSigner/Codes.cs", include_str!("codes/Codes.cs.jinja")),
    ("hosts/go/everyhost/codes.go", include_str!("codes/codes.go.jinja")),
    ("hosts/c/signer/codes.h", include_str!("codes/codes.h.jinja")),
    ("hosts/c/signer/codes.c", include_str!("codes/codes.c.jinja")),
];

pub(super) fn files(root: &Path) -> Result<Vec<File>> {
    let mut files = vec![PART.file(root, &filled_in(MARKDOWN)?)?];
    for (path, template) in LANGUAGES {
        files.push(File { path: path.into(), bytes: filled_in(template)?.into_bytes() });
    }
    Ok(files)
}

fn filled_in(template: &str) -> Result<String> {
    let mut environment = Environment::new();
    let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).keep_trailing_newline(true).build()?;
    environment.set_syntax(syntax);
    // What only wrappers give is negative in C, so that it never meets a status of the module.
    let mut of_wrappers = 0;
    let codes: Vec<_> = CODES
        .iter()
        .map(|code| {
            of_wrappers -= i64::from(code.status.is_none());
            context! {
                name => code.name,
                pascal => pascal_case(code.name),
                status => code.status,
                meaning => code.meaning,
                number => code.status.map_or(of_wrappers, i64::from),
            }
        })
        .collect();
    Ok(environment.render_str(template, context! { codes, ok => ErrorCode::OK_STATUS })?)
}

/// `KEY_LENGTH` as `KeyLength`.
fn pascal_case(name: &str) -> String {
    name.split('_').map(|word| word[..1].to_owned() + &word[1..].to_lowercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reader_gets_every_code() {
        for template in LANGUAGES.iter().map(|(_, template)| *template).chain([MARKDOWN]) {
            let text = filled_in(template).unwrap();
            for code in CODES {
                assert!(text.contains(code.name) && text.contains(code.meaning), "{}: {text}", code.name);
            }
        }
    }

    #[test]
    fn meanings_need_no_escapes() {
        // They are in strings and comments of other languages, and in a table.
        for code in CODES {
            assert!(!code.meaning.contains(['"', '\\', '|', '*', '\n', '<', '&']), "{}", code.name);
        }
    }
}
