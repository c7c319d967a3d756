// Written by `make vectors` from crates/signer-abi/src/code.rs: do not edit.

package everyhost.signer;

/** The stable codes: the same names in every language. */
public enum Code {
  NO_MESSAGE(1, "no message was allocated since the start or the last wipe; call allocate_message first"),
  NO_KEY(2, "no key is held: none was loaded, it was refused, or it was wiped; load a key first"),
  KEY_PAIR_MISMATCH(3, "the public half of the keypair does not belong to its seed"),
  SIGNATURE_INVALID(4, "the signature does not verify"),
  MESSAGE_TOO_LARGE(5, "the message is longer than max_message_len() bytes (16 MiB)"),
  OUT_OF_MEMORY(6, "linear memory could not grow enough for this call"),
  BATCH_LAYOUT(7, "the batch has over 4096 messages, or its lengths do not add up to the bytes that were allocated"),
  SELF_TEST_FAILED(8, "the module got a known answer wrong on this host and refuses to work here; use another module"),
  KEY_LENGTH(9, "a keypair must be 64 bytes long (a seed of 32, then its public key of 32), and a seed 32"),
  PUBLIC_KEY_LENGTH(10, "a public key must be 32 bytes long"),
  KEY_FORMAT(11, "this is neither PEM nor DER nor a JWK with a key"),
  KEY_PEM(12, "the PEM is damaged: no END line belongs to its BEGIN line, or what is between them is not base64"),
  KEY_DER(13, "the DER is damaged, or is not laid out as RFC 8410 says: PKCS#8 for a private key, SubjectPublicKeyInfo for a public one"),
  KEY_JWK(14, "the JWK is not a JSON object, or one of kty, crv, x and d is missing, there twice, or not text as RFC 8037 says"),
  KEY_ALGORITHM(15, "the key is for another algorithm than Ed25519"),
  KEY_ENCRYPTED(16, "the private key is encrypted; decrypt it first, for example with openssl pkey"),
  KEY_IS_PUBLIC(17, "this is a public key, where a private one was expected"),
  KEY_IS_PRIVATE(18, "this is a private key, where a public one was expected; do not hand it on"),
  KEY_TOO_LARGE(19, "a file with a key may have 16384 bytes at most"),
  SIGNATURE_LENGTH(Code.NO_STATUS, "a signature must be 64 bytes long"),
  TRAPPED(Code.NO_STATUS, "the module trapped; its instance was replaced and the held key loaded again, or, where that failed, this object was closed"),
  CLOSED(Code.NO_STATUS, "this object was closed; make a new one"),
  NO_EXPORT(Code.NO_STATUS, "the module does not export what this call needs; use another module, such as signer-raw"),
  IN_USE(Code.NO_STATUS, "this object is in use by another thread, or by a call that has not returned; give each thread one of its own");

  private static final int NO_STATUS = -1; // given by wrappers only; 0 is OK
  private final int status;
  private final String meaning;

  Code(int status, String meaning) {
    this.status = status;
    this.meaning = meaning;
  }

  /** What it means and what to do, in one sentence. */
  public String meaning() {
    return meaning;
  }

  /** The code of a status that the module returned; null where there is none, as for 0 (OK). */
  static Code of(int status) {
    for (Code code : values()) {
      if (code.status == status && status != NO_STATUS) {
        return code;
      }
    }
    return null;
  }
}
