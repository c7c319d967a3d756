//! Drives a signer module through every export that touches a secret.

use anyhow::{Context, Result, ensure};
use token_signer_core::SigningKey;

use crate::finding::Finding;
use crate::machine::Machine;
use crate::module::Module;
use crate::value::Value;

/// What a module was found to do.
#[derive(Debug)]
pub struct Report {
    /// Instructions that did with a secret what they must not, in the order of the calls, then of the offsets.
    pub findings: Vec<Finding>,
    /// Instructions that ran.
    pub steps: u64,
    /// A hash of every jump and every address: the same for two seeds that took the same way.
    pub trace: u64,
    /// Which exports ran, in order, each once.
    pub exports: Vec<&'static str>,
    /// Ranges of addresses that still hold bits of a secret after `wipe`.
    pub left_after_wipe: Vec<std::ops::Range<usize>>,
}

/// Lengths of messages, in bytes: none, within a block of SHA-512, over one, over two.
const LENGTHS: [usize; 5] = [0, 5, 111, 112, 300];

/// Runs every export of a signer that touches a secret, with a seed all of whose bits are secret, and checks that each
/// public key and signature is the one that ed25519-dalek gives natively. An error if one is not, or the module is not a
/// signer that can be checked.
pub fn check(wasm: &[u8], seed: &[u8; 32]) -> Result<Report> {
    let module = Module::parse(wasm)?;
    let mut keypair = [0; 64];
    keypair[..32].copy_from_slice(seed);
    keypair[32..].copy_from_slice(&token_signer_core::derive_public_key(seed));
    let key = SigningKey::from_keypair(&keypair).expect("a pair that was just made");
    let mut run = Run { machine: Machine::new(&module)?, exports: Vec::new(), keypair, key };
    run.derive_public_key()?;
    run.pass_the_key()?;
    run.hold_the_key()?;
    if module.exports("sign_batch") {
        run.sign_batch()?;
    }
    run.call("wipe", &[])?;
    Ok(Report {
        left_after_wipe: run.machine.secret_bytes(),
        findings: run.machine.findings,
        steps: run.machine.steps,
        trace: run.machine.trace,
        exports: run.exports,
    })
}

struct Run<'m> {
    machine: Machine<'m>,
    exports: Vec<&'static str>,
    keypair: [u8; 64],
    key: SigningKey,
}

impl Run<'_> {
    fn derive_public_key(&mut self) -> Result<()> {
        self.put_keypair()?;
        self.must_succeed("derive_public_key")?;
        let at = self.pointer("get_public_key_ptr", &[])?;
        let given = self.machine.read(at, 32)?;
        ensure!(given == self.key.public_key(), "derive_public_key gave a wrong public key");
        Ok(())
    }

    /// With the key in its buffer at each call.
    fn pass_the_key(&mut self) -> Result<()> {
        for len in LENGTHS {
            self.put_keypair()?;
            self.put_message(len)?;
            self.must_succeed("try_sign")?;
            self.check_signature("try_sign", len)?;
            self.call("sign", &[])?;
            self.check_signature("sign", len)?;
        }
        Ok(())
    }

    fn hold_the_key(&mut self) -> Result<()> {
        self.put_keypair()?;
        self.must_succeed("load_key")?;
        for len in LENGTHS {
            self.put_message(len)?;
            self.must_succeed("sign_loaded")?;
            self.check_signature("sign_loaded", len)?;
        }
        Ok(())
    }

    /// An even batch, an odd one and one of one message: a module that does two at a time takes other ways.
    fn sign_batch(&mut self) -> Result<()> {
        for lengths in [&LENGTHS[1..], &LENGTHS, &LENGTHS[..1]] {
            let total: usize = lengths.iter().sum();
            let count = Value::public(u32::try_from(lengths.len())?);
            let at = self.pointer("allocate_batch", &[count, Value::public(u32::try_from(total)?)])?;
            let mut bytes: Vec<u8> = lengths.iter().flat_map(|len| (*len as u32).to_le_bytes()).collect();
            bytes.extend(lengths.iter().flat_map(|len| message(*len)));
            self.machine.write(at, &bytes, false)?;
            self.must_succeed("sign_batch")?;
            let at = self.pointer("get_batch_signatures_ptr", &[])?;
            for (at, len) in (at..).step_by(64).zip(lengths) {
                self.check_at(at, "sign_batch", *len)?;
            }
        }
        Ok(())
    }

    fn put_keypair(&mut self) -> Result<()> {
        let at = self.pointer("get_signing_key_ptr", &[])?;
        self.machine.write(at, &self.keypair[..32], true)?;
        self.machine.write(at + 32, &self.keypair[32..], false)
    }

    fn put_message(&mut self, len: usize) -> Result<()> {
        let at = self.pointer("allocate_message", &[Value::public(u32::try_from(len)?)])?;
        self.machine.write(at, &message(len), false)
    }

    fn check_signature(&mut self, export: &str, len: usize) -> Result<()> {
        let at = self.pointer("get_signature_ptr", &[])?;
        self.check_at(at, export, len)
    }

    fn check_at(&self, at: u32, export: &str, len: usize) -> Result<()> {
        let is_right = self.machine.read(at, 64)? == self.key.sign(&message(len));
        ensure!(is_right, "{export} gave a wrong signature for a message of {len} bytes");
        Ok(())
    }

    fn call(&mut self, export: &'static str, arguments: &[Value]) -> Result<Vec<Value>> {
        if !self.exports.contains(&export) {
            self.exports.push(export);
        }
        self.machine.call(export, arguments)
    }

    /// A pointer must not depend on a secret, nor be null.
    fn pointer(&mut self, export: &'static str, arguments: &[Value]) -> Result<u32> {
        let results = self.call(export, arguments)?;
        let [pointer] = results[..] else {
            anyhow::bail!("{export} returned {} values, not a pointer", results.len());
        };
        ensure!(!pointer.is_secret(), "the pointer that {export} returned depends on a secret");
        ensure!(pointer.u32() != 0, "{export} returned 0");
        Ok(pointer.u32())
    }

    fn must_succeed(&mut self, export: &'static str) -> Result<()> {
        let results = self.call(export, &[])?;
        let status = results.first().with_context(|| format!("{export} returned no status"))?;
        ensure!(status.bits == 0, "{export} returned status {}, not 0", status.bits);
        Ok(())
    }
}

fn message(len: usize) -> Vec<u8> {
    (0..len).map(|at| (at % 251) as u8).collect()
}
