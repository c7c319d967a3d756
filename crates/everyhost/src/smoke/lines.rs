//! What the contract says of the lines themselves: their order, their length, when they come, and how they end.

use serde_json::json;
use vectors::protocol::MAX_LINE_LEN;

use super::questions;
use super::talk::{Question, Talk, Wrong, excerpt, shown};

const AHEAD: u64 = 32;

/// A trap for want of stack says so: without a word, nobody knows a deep recursion from a fault.
pub(super) fn overflow(talk: &mut Talk) -> Result<(), Wrong> {
    let question = questions::overflow();
    talk.ask(&question)?;
    let detail = talk.heard["ok"]["steps"][0]["detail"].as_str().unwrap_or_default();
    let says = ["stack", "recursion"];
    if says.iter().any(|word| detail.to_lowercase().contains(word)) {
        return Ok(());
    }
    Err(Wrong {
        sent: shown(&question.input),
        came: shown(&talk.heard),
        expected: r#"a "detail" that speaks of the stack, such as "stack overflow""#.into(),
    })
}

/// Sends many requests before it reads the first answer.
pub(super) fn ahead(talk: &mut Talk, plain: &Question) -> Result<(), Wrong> {
    for seq in send_many(talk, plain)? {
        talk.hear_number(seq, &plain.expected, &format!("32 requests at once, number {seq} is to be answered"))?;
    }
    Ok(())
}

/// Sends a request and the first half of the next: the answer to the first must come while the second waits.
pub(super) fn flushed(talk: &mut Talk, plain: &Question) -> Result<(), Wrong> {
    let first = talk.request(plain)?;
    let second = talk.request(plain)?;
    let (first_seq, second_seq) = (talk.last_seq() - 1, talk.last_seq());
    let line = second.to_string();
    let (half, rest) = line.split_at(line.len() / 2);
    let sent = format!("{}, and the first half of the next line", shown(&first));
    // In one write: an adapter that flushes when nothing more has come must not find a moment in between.
    talk.send_part(format!("{first}\n{half}").as_bytes(), &sent)?;
    talk.hear_number(first_seq, &plain.expected, &sent)?;
    talk.send_part(format!("{rest}\n").as_bytes(), "the other half of the line")?;
    talk.hear_number(second_seq, &plain.expected, "the other half of the line")
}

/// A line as long as a line may be. The padding is in a field that adapters must ignore.
pub(super) fn long_request(talk: &mut Talk, plain: &Question) -> Result<(), Wrong> {
    let mut request = talk.request(plain)?;
    request["padding"] = "".into();
    let room = MAX_LINE_LEN - request.to_string().len();
    request["padding"] = "x".repeat(room).into();
    let sent = format!("{} in a line of {} MiB", shown(&request), MAX_LINE_LEN >> 20);
    talk.send(&request, &sent)?;
    talk.hear(&plain.expected, &sent)
}

/// The end of an adapter that has answered everything.
pub(super) fn end(talk: &mut Talk, plain: &Question) -> Result<(), Wrong> {
    // It may have been ended by an earlier check.
    talk.ask(plain)?;
    let Some((lines, trouble)) = talk.end() else {
        return Ok(());
    };
    let came = match (lines.first(), trouble) {
        (Some(line), _) => format!("one more line: {}", excerpt(line)),
        (None, Some(trouble)) => format!("the adapter {trouble}"),
        (None, None) => return Ok(()),
    };
    Err(Wrong { sent: "the end of stdin".into(), came, expected: "no more lines, and exit code 0".into() })
}

pub(super) fn answers_before_the_end(talk: &mut Talk, plain: &Question) -> Result<(), Wrong> {
    talk.hello(&json!({}))?;
    let numbers = send_many(talk, plain)?;
    let sent = "32 requests at once, then the end of stdin";
    let Some((lines, trouble)) = talk.end() else {
        return Ok(());
    };
    let wrong = |came: String| Wrong {
        sent: sent.into(),
        came,
        expected: "32 answers in their order, then exit code 0".into(),
    };
    if let Some(trouble) = trouble {
        return Err(wrong(format!("{} answers, and the adapter {trouble}", lines.len())));
    }
    let number_of = |line: &Vec<u8>| {
        let reply = vectors::reply::reply(line);
        reply.map_or(0, |reply| reply.seq)
    };
    let came: Vec<u64> = lines.iter().map(number_of).collect();
    if came == numbers {
        return Ok(());
    }
    Err(wrong(match lines.len() {
        32 => format!("the answers in this order: {came:?}"),
        count => format!("{count} lines, and exit code 0"),
    }))
}

fn send_many(talk: &mut Talk, plain: &Question) -> Result<Vec<u64>, Wrong> {
    (0..AHEAD)
        .map(|_| {
            let request = talk.request(plain)?;
            talk.send(&request, &shown(&request))?;
            Ok(talk.last_seq())
        })
        .collect()
}
