//! Text beyond ASCII, as the UTF-8 bytes that a wrapper makes of it.

use super::build::{self, BY_REFERENCE, case, made_here, sign, signature, test_key, triple, valid, verify};
use vectors::model::{Face, Suite};

const TEXTS: &[(&str, &str)] = &[
    ("ascii", "plain old text, for comparison"),
    ("latin", "Zażółć gęślą jaźń: naïve café, Größe, smørrebrød"),
    ("composed", "\u{e9}"),
    ("combining", "e\u{301}"),
    ("stacked", "Z\u{351}\u{36b}\u{343}a\u{315}\u{321}l\u{489}\u{321}go"),
    ("greek", "Ξεσκεπάζω την ψυχοφθόρα βδελυγμία"),
    ("cyrillic", "Съешь же ещё этих мягких французских булок"),
    ("hebrew", "דג סקרן שט בים מאוכזב"),
    ("arabic", "صِف خَلقَ خَودِ كَمِثلِ الشَمسِ"),
    ("devanagari", "ऋषियों को सताने वाले"),
    ("thai", "เป็นมนุษย์สุดประเสริฐ"),
    ("chinese", "天地玄黃,宇宙洪荒"),
    ("japanese", "いろはにほへと チリヌルヲ 漢字"),
    ("korean", "다람쥐 헌 쳇바퀴에 타고파"),
    ("georgian", "ქართული ანბანი"),
    ("ethiopic", "ሰማይ አይታረስ"),
    ("emoji", "🦀🔏✅"),
    ("emoji-joined", "👩\u{200d}🔬👨\u{200d}👩\u{200d}👧\u{200d}👦 👍🏽 🏳\u{fe0f}\u{200d}🌈"),
    ("over-16-bits", "𝄞 𐍈 𠜎 \u{10ffff}"),
    ("ends-of-utf-8-lengths", "\u{7f}\u{80}\u{7ff}\u{800}\u{ffff}\u{10000}"),
    ("byte-order-mark", "\u{feff}text after a byte order mark"),
    ("right-to-left-mark", "a\u{200f}b\u{202e}c\u{202c}"),
    ("line-ends", "one\ntwo\r\nthree\u{2028}four"),
    ("zero-byte", "before\0after"),
    ("replacement-character", "\u{fffd}"),
];

pub(super) fn suite() -> Suite {
    let key = test_key("text");
    let flags =
        [("NonAscii", "the text has more bytes than characters: a length in characters or UTF-16 units is wrong")];
    let cases = TEXTS.iter().flat_map(|(name, text)| {
        let id = format!("ed25519/text/{name}");
        let flags: &[&str] = if text.is_ascii() { &[] } else { &["NonAscii"] };
        let signed = key.sign(text.as_bytes());
        [
            case(&id, flags, *text, sign(key.keypair(), text), signature(signed)),
            case(format!("{id}-verify"), flags, *text, verify(triple(key.public_key(), text, signed)), valid(true)),
        ]
    });
    build::suite("ed25519-text", Face::Signer, made_here(BY_REFERENCE), &flags, cases.collect())
}
