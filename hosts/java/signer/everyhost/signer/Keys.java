package everyhost.signer;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;

/**
 * Reads and writes Ed25519 keys by the Wasm module {@code keys}: PKCS#8 and SubjectPublicKeyInfo as
 * PEM and as DER, and JSON Web Keys. Which form a file has is seen from the file.
 *
 * <pre>{@code
 * try (var keys = new Keys(module);
 *     var key = keys.readPrivateKey(Files.readAllBytes(Path.of("key.pem")));
 *     var signer = Signer.fromPrivateKey(signerModule, key)) {
 *   byte[] signature = signer.sign("hello");
 * }
 * }</pre>
 *
 * <p>It computes nothing: whether a public key belongs to a private one is checked when that signs.
 * Nothing of a key stays in linear memory after a call. Of what it reads and writes, the arrays and
 * strings are yours; a string cannot be cleared, an array can.
 *
 * <p>Every refusal is a {@link SignerException} whose {@link SignerException#code code} is stable.
 * After {@link Code#TRAPPED} it has a new instance. A call that comes while another is running is
 * {@link Code#IN_USE} and changes nothing.
 */
public final class Keys extends Owned {
  private static final Set<String> EXPORTS =
      Set.of(
          "keys_abi_version",
          "max_file_len",
          "get_file_ptr",
          "file_len",
          "get_seed_ptr",
          "get_public_key_ptr",
          "has_public_key",
          "read_private_key",
          "read_public_key",
          "write_private_key",
          "write_public_key",
          "wipe",
          "memory");

  private int maxFileLength;

  /** A form to write a key in, and what that is in Java. */
  public static final class Form<T> {
    /** Text between a line BEGIN and a line END. */
    public static final Form<String> PEM = new Form<>(1, Form::text);

    /** Bytes. */
    public static final Form<byte[]> DER = new Form<>(2, byte[]::clone);

    /** A JSON Web Key (RFC 8037). */
    public static final Form<String> JWK = new Form<>(3, Form::text);

    private final int number;
    private final Function<byte[], T> of;

    private Form(int number, Function<byte[], T> of) {
      this.number = number;
      this.of = of;
    }

    private static String text(byte[] file) {
      return new String(file, StandardCharsets.US_ASCII);
    }
  }

  /**
   * Reads and writes on an instance of its own.
   *
   * @throws IllegalArgumentException the module reads no keys
   */
  public Keys(WasmModule module) {
    super(module, EXPORTS, "a keys");
    renew();
  }

  /**
   * The private key in a file, with the public key that stands beside it, if one does.
   *
   * @throws SignerException why it is none, {@code TRAPPED}, {@code CLOSED}, {@code IN_USE}
   */
  public PrivateKey readPrivateKey(byte[] file) {
    Objects.requireNonNull(file, "file");
    return wiping(
        guest -> {
          read(guest, "read_private_key", file);
          byte[] seed = guest.read(guest.call("get_seed_ptr"), Signer.SEED_LENGTH);
          try {
            return guest.call("has_public_key") == 0
                ? new PrivateKey(seed)
                : new PrivateKey(seed, publicKey(guest));
          } finally {
            Arrays.fill(seed, (byte) 0);
          }
        });
  }

  /** Reads text. See {@link #readPrivateKey(byte[])}. */
  public PrivateKey readPrivateKey(String file) {
    byte[] bytes = Signer.utf8(file);
    try {
      return readPrivateKey(bytes);
    } finally {
      Arrays.fill(bytes, (byte) 0);
    }
  }

  /**
   * The public key in a file, 32 bytes.
   *
   * @throws SignerException why it is none, {@code TRAPPED}, {@code CLOSED}, {@code IN_USE}
   */
  public byte[] readPublicKey(byte[] file) {
    Objects.requireNonNull(file, "file");
    return wiping(
        guest -> {
          read(guest, "read_public_key", file);
          return publicKey(guest);
        });
  }

  /** Reads text. See {@link #readPublicKey(byte[])}. */
  public byte[] readPublicKey(String file) {
    byte[] bytes = Signer.utf8(file);
    try {
      return readPublicKey(bytes);
    } finally {
      Arrays.fill(bytes, (byte) 0); // it may be a private key, given by mistake
    }
  }

  /**
   * Writes a private key, with the public key beside it if that is known. A JWK has to have it. As
   * PEM and DER that is PKCS#8 version 2, which the JDK reads and OpenSSL 3.0 does not: for OpenSSL
   * write {@code new PrivateKey(key.seed())}.
   *
   * @throws SignerException {@code KEY_JWK} for a JWK without a public key, {@code TRAPPED}, {@code
   *     CLOSED}, {@code IN_USE}
   */
  public <T> T writePrivateKey(PrivateKey key, Form<T> form) {
    Objects.requireNonNull(form, "form");
    byte[] seed = key.seed();
    try {
      return wiping(
          guest -> {
            guest.write(guest.call("get_seed_ptr"), seed);
            if (key.publicKey().isPresent()) {
              guest.write(guest.call("get_public_key_ptr"), key.publicKey().get());
            }
            int withPublicKey = key.publicKey().isPresent() ? 1 : 0;
            Signer.check(guest.call("write_private_key", form.number, withPublicKey));
            return written(guest, form);
          });
    } finally {
      Arrays.fill(seed, (byte) 0);
    }
  }

  /**
   * Writes a public key of 32 bytes.
   *
   * @throws SignerException {@code PUBLIC_KEY_LENGTH}, {@code TRAPPED}, {@code CLOSED}, {@code
   *     IN_USE}
   */
  public <T> T writePublicKey(byte[] publicKey, Form<T> form) {
    Objects.requireNonNull(publicKey, "publicKey");
    Objects.requireNonNull(form, "form");
    return wiping(
        guest -> {
          Signer.requireLength(publicKey, Signer.PUBLIC_KEY_LENGTH, Code.PUBLIC_KEY_LENGTH);
          guest.write(guest.call("get_public_key_ptr"), publicKey);
          Signer.check(guest.call("write_public_key", form.number));
          return written(guest, form);
        });
  }

  /** However a call ends, nothing of a key is left: an instance that trapped is cleared whole. */
  private <T> T wiping(Use<T> use) {
    return running(
        guest -> {
          T result;
          try {
            result = use.with(guest);
          } catch (SignerException refused) {
            guest.call("wipe");
            throw refused;
          }
          guest.call("wipe");
          return result;
        });
  }

  private void read(Guest guest, String export, byte[] file) throws GuestTrap {
    if (file.length <= maxFileLength) { // otherwise reading says so
      guest.write(guest.call("get_file_ptr"), file);
    }
    Signer.check(guest.call(export, file.length));
  }

  private static byte[] publicKey(Guest guest) throws GuestTrap {
    return guest.read(guest.call("get_public_key_ptr"), Signer.PUBLIC_KEY_LENGTH);
  }

  private static <T> T written(Guest guest, Form<T> form) throws GuestTrap {
    byte[] file = guest.read(guest.call("get_file_ptr"), guest.call("file_len"));
    try {
      return form.of.apply(file);
    } finally {
      Arrays.fill(file, (byte) 0);
    }
  }

  @Override
  void begin(Guest fresh) throws GuestTrap {
    Signer.requireVersion(fresh.call("keys_abi_version"));
    maxFileLength = fresh.call("max_file_len");
  }

  @Override
  void reload(Guest fresh) {}

  @Override
  void drop() {}
}
