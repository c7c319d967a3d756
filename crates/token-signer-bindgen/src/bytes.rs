//! Bytes that a caller in JavaScript passes.
//!
//! A parameter `&[u8]` would take any value: the glue reads its `length` and copies what is there, so that a string
//! would be signed as so many zeros, and `{}` as an empty message. Here only a `Uint8Array` is taken, and its length is
//! checked before anything is copied.

use js_sys::{Object, Symbol, TypeError};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};

use crate::refusal::Refusal;

/// Bytes that have not been copied yet.
pub(crate) trait Bytes {
    /// What a refusal becomes, and what copying can end in.
    type Error: From<Refusal>;

    fn len(&self) -> usize;

    /// Fills `target`, which has as many bytes.
    fn copy_to(&self, target: &mut [u8]) -> Result<(), Self::Error>;

    /// All of them, or `refusal` for another number of bytes.
    fn to_array<const N: usize>(&self, refusal: Refusal) -> Result<[u8; N], Self::Error> {
        if self.len() != N {
            return Err(refusal.into());
        }
        let mut array = [0; N];
        self.copy_to(&mut array)?;
        Ok(array)
    }

    fn to_vec(&self) -> Result<Vec<u8>, Self::Error> {
        let mut bytes = vec![0; self.len()];
        self.copy_to(&mut bytes)?;
        Ok(bytes)
    }
}

/// A `Uint8Array` of any realm.
pub(crate) struct JsBytes<'a> {
    array: &'a Uint8Array,
    len: usize,
}

impl<'a> JsBytes<'a> {
    /// A `TypeError` with the text `expected` for anything else. An array whose buffer was transferred,
    /// or was the memory of a module that has grown, seems empty: the language's own `TypeError` keeps it from being
    /// signed as an empty message.
    ///
    /// The getters are the language's own, called on the value. No subclass, `toStringTag` or prototype changes what
    /// they give, and no code of the caller runs.
    pub(crate) fn new(expected: &str, value: &'a JsValue) -> Result<Self, JsValue> {
        let kind = get_of(&Uint8Array::prototype(), &Symbol::to_string_tag(), value);
        if !Object::is(&kind, &Uint8Array::name()) {
            return Err(TypeError::new(expected).into());
        }
        let array = value.unchecked_ref::<Uint8Array>();
        let len = array.length();
        if len == 0 {
            Uint8Array::set_from(&mut [], array)?;
        }
        Ok(Self { array, len })
    }
}

impl Bytes for JsBytes<'_> {
    type Error = JsValue;

    fn len(&self) -> usize {
        self.len
    }

    /// Fails if the array has changed its length: it is a view of this module's memory, which has just grown.
    fn copy_to(&self, target: &mut [u8]) -> Result<(), JsValue> {
        Uint8Array::set_from(target, self.array)
    }
}

#[wasm_bindgen]
extern "C" {
    type Uint8Array;

    #[wasm_bindgen(static_method_of = Uint8Array, getter)]
    fn prototype() -> JsValue;

    /// "Uint8Array"
    #[wasm_bindgen(static_method_of = Uint8Array, getter)]
    fn name() -> JsValue;

    /// `final`: by the getter of the prototype, not by a property of the array.
    #[wasm_bindgen(method, getter, final)]
    fn length(this: &Uint8Array) -> usize;

    #[wasm_bindgen(js_namespace = Uint8Array, js_name = "prototype.set.call", catch)]
    fn set_from(target: &mut [u8], source: &Uint8Array) -> Result<(), JsValue>;

    /// What `receiver` gives for the getter that `prototype` has or inherits.
    #[wasm_bindgen(js_namespace = Reflect, js_name = get)]
    fn get_of(prototype: &JsValue, name: &JsValue, receiver: &JsValue) -> JsValue;
}

#[cfg(test)]
impl Bytes for &[u8] {
    type Error = Refusal;

    fn len(&self) -> usize {
        <[u8]>::len(self)
    }

    fn copy_to(&self, target: &mut [u8]) -> Result<(), Refusal> {
        target.copy_from_slice(self);
        Ok(())
    }
}
