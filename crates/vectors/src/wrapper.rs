//! What the adapters that are written in Rust share: the operations of the signer, asked of any wrapper.

use std::slice;

use crate::Bytes;
use crate::answer::{Answer, Output};
use crate::expected::AnswerBytes;
use crate::ops::{Op, Session, SessionStep, VerifyInput};

/// A signer as a host wraps it: `hosts/ABI.md` says what each member does. A refusal is already in the
/// protocol's words.
#[expect(missing_docs, reason = "hosts/ABI.md is the one place that explains them")]
pub trait SignerWrapper: Sized {
    fn public_key(&mut self) -> Result<[u8; 32], Answer>;
    fn sign(&mut self, message: &[u8]) -> Result<[u8; 64], Answer>;
    fn sign_many(&mut self, messages: &[Vec<u8>]) -> Result<Vec<[u8; 64]>, Answer>;
    fn sign_with(&mut self, keypair: &[u8], message: &[u8]) -> Result<[u8; 64], Answer>;
    fn verify(&mut self, public_key: &[u8], message: &[u8], signature: &[u8]) -> Result<bool, Answer>;
    fn verify_strict(&mut self, public_key: &[u8], message: &[u8], signature: &[u8]) -> Result<bool, Answer>;
    fn derive_public_key(&mut self, seed: &[u8]) -> Result<[u8; 32], Answer>;
    fn load_key(&mut self, keypair: &[u8]) -> Result<(), Answer>;
    fn wipe(&mut self) -> Result<(), Answer>;
    fn close(self) -> Result<(), Answer>;
}

/// Does one operation of the signer with a wrapper of its own. `open` makes it, with a keypair or without.
pub fn run_signer_op<W: SignerWrapper>(op: &Op, open: impl Fn(Option<&[u8]>) -> Result<W, Answer>) -> Answer {
    let result = match op {
        Op::PublicKey(input) => open(None).and_then(|mut w| w.derive_public_key(&input.seed.to_vec())).map(public_key),
        Op::Sign(input) => {
            open(Some(&input.keypair.to_vec())).and_then(|mut w| w.sign(&input.message.to_vec())).map(signature)
        }
        Op::SignMany(input) => open(Some(&input.keypair.to_vec()))
            .and_then(|mut w| w.sign_many(&all(&input.messages)))
            .map(|s| signatures(&s)),
        Op::Verify(input) => open(None).and_then(|mut w| verify(&mut w, input, W::verify)),
        Op::VerifyStrict(input) => open(None).and_then(|mut w| verify(&mut w, input, W::verify_strict)),
        Op::Session(session) => open(Some(&session.keypair.to_vec())).map(|wrapper| run_session(wrapper, session)),
        _ => Err(Answer::unsupported(format!("{} is no operation of the signer", op.name()))),
    };
    result.map_or_else(|refusal| refusal, Answer::ok)
}

/// What is verified: public key, message, signature.
pub type Triple<'a> = (&'a [u8], &'a [u8], &'a [u8]);

/// Does one operation that verifies; of one signature it is a batch of one. `verify` is given the batch, and whether to
/// verify strictly.
pub fn run_verifier_op(op: &Op, verify: impl FnOnce(&[Triple<'_>], bool) -> Result<Vec<bool>, Answer>) -> Answer {
    let (items, order, strict) = match op {
        Op::Verify(item) => (slice::from_ref(item), None, false),
        Op::VerifyStrict(item) => (slice::from_ref(item), None, true),
        Op::VerifyMany(many) => (&many.items[..], many.order.as_ref(), false),
        Op::VerifyManyStrict(many) => (&many.items[..], many.order.as_ref(), true),
        _ => return Answer::unsupported(format!("{} verifies nothing", op.name())),
    };
    let bytes = |item: &VerifyInput| [&item.public_key, &item.message, &item.signature].map(Bytes::to_vec);
    let items: Vec<_> = items.iter().map(bytes).collect();
    let batch: Option<Vec<Triple<'_>>> = match order {
        Some(order) => order.iter().map(|at| items.get(*at).map(as_triple)).collect(),
        None => Some(items.iter().map(as_triple).collect()),
    };
    let Some(batch) = batch else {
        return Answer::unsupported("order has a number that no item has");
    };
    let output = |verdicts: Vec<bool>| match op {
        Op::Verify(_) | Op::VerifyStrict(_) => Output { valid: verdicts.first().copied(), ..Output::default() },
        _ => {
            let verdicts: Vec<u8> = verdicts.into_iter().map(u8::from).collect();
            Output { verdicts: Some(verdicts.into()), ..Output::default() }
        }
    };
    verify(&batch, strict).map_or_else(|refusal| refusal, |verdicts| Answer::ok(output(verdicts)))
}

fn as_triple([public_key, message, signature]: &[Vec<u8>; 3]) -> Triple<'_> {
    (public_key, message, signature)
}

fn run_session<W: SignerWrapper>(wrapper: W, session: &Session) -> Output {
    let mut open = Some(wrapper);
    let steps = session.steps.iter().map(|step| match (step, &mut open) {
        (SessionStep::Close(_), signer) => signer.take().map_or(Ok(()), W::close).map(|()| Output::default()),
        (_, None) => Err(Answer::error("CLOSED")),
        (step, Some(signer)) => run_step(signer, step),
    });
    let steps = steps.map(|result| result.map_or_else(|refusal| refusal, Answer::ok)).collect();
    Output { steps: Some(steps), ..Output::default() }
}

fn run_step<W: SignerWrapper>(signer: &mut W, step: &SessionStep) -> Result<Output, Answer> {
    match step {
        SessionStep::PublicKey(_) => signer.public_key().map(public_key),
        SessionStep::Sign(input) => signer.sign(&input.message.to_vec()).map(signature),
        SessionStep::SignMany(input) => signer.sign_many(&all(&input.messages)).map(|s| signatures(&s)),
        SessionStep::SignWith(input) => {
            signer.sign_with(&input.keypair.to_vec(), &input.message.to_vec()).map(signature)
        }
        SessionStep::Verify(input) => verify(signer, input, W::verify),
        SessionStep::VerifyStrict(input) => verify(signer, input, W::verify_strict),
        SessionStep::LoadKey(input) => {
            signer.load_key(&input.keypair.to_vec())?;
            signer.public_key().map(public_key)
        }
        SessionStep::Wipe(_) => signer.wipe().map(|()| Output::default()),
        SessionStep::Close(_) => Ok(Output::default()),
    }
}

/// `by` is `verify` or `verify_strict`.
fn verify<W>(signer: &mut W, input: &VerifyInput, by: Verify<W>) -> Result<Output, Answer> {
    let VerifyInput { public_key, message, signature } = input;
    let valid = by(signer, &public_key.to_vec(), &message.to_vec(), &signature.to_vec())?;
    Ok(Output { valid: Some(valid), ..Output::default() })
}

type Verify<W> = fn(&mut W, &[u8], &[u8], &[u8]) -> Result<bool, Answer>;

fn all(messages: &[Bytes]) -> Vec<Vec<u8>> {
    messages.iter().map(Bytes::to_vec).collect()
}

fn public_key(bytes: [u8; 32]) -> Output {
    Output { public_key: Some(bytes.into()), ..Output::default() }
}

fn signature(bytes: [u8; 64]) -> Output {
    Output { signature: Some(bytes.into()), ..Output::default() }
}

fn signatures(all: &[[u8; 64]]) -> Output {
    Output { signatures: Some(all.iter().map(AnswerBytes::from).collect()), ..Output::default() }
}
