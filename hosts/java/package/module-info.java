/** Ed25519 by WebAssembly modules that are inside: signing, verifying, tokens and key files. */
module everyhost.signer {
  requires transitive run.endive.compiler;
  requires static transitive org.graalvm.polyglot;

  exports everyhost.signer;
}
