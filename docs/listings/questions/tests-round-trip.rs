// ANCHOR: shown
/// Two hexadecimal digits a byte: `[0x12]` is "12". (It has a bug.)
fn encode(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{:x}{:x}", byte & 15, byte >> 4)).collect()
}

fn decode(text: &str) -> Vec<u8> {
    let digit = |at| u8::from_str_radix(&text[at..=at], 16).unwrap();
    (0..text.len()).step_by(2).map(|at| digit(at) | digit(at + 1) << 4).collect()
}
// ANCHOR_END: shown

fn main() {
    let property = (0..=u8::MAX).all(|byte| decode(&encode(&[byte, 7])) == [byte, 7]);
    let known_answer = encode(&[0x12]) == "12" && decode("12") == [0x12];
    let fails = [(property, "property"), (known_answer, "known answer")];
    let fails: Vec<_> = fails.iter().filter(|(holds, _)| !holds).map(|(_, name)| *name).collect();
    println!("{}", if fails.is_empty() { "none".to_owned() } else { fails.join(", ") });
}
