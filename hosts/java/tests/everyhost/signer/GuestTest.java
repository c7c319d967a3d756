package everyhost.signer;

import static everyhost.ModuleBuilder.*;
import static everyhost.Modules.*;
import static everyhost.signer.Calls.*;
import static org.junit.jupiter.api.Assertions.*;
import static org.junit.jupiter.api.Assumptions.*;

import everyhost.Jdk;
import everyhost.ModuleBuilder;
import java.util.Arrays;
import java.util.Timer;
import java.util.TimerTask;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Linear memory: unsigned pointers, bounds, growth; and calls that trap or never end. */
class GuestTest {
  private static final int PAGE = 65536;

  private static Guest guest(ModuleBuilder module) throws GuestTrap {
    return load(module.build()).instantiate();
  }

  @ParameterizedTest
  @ValueSource(ints = {PAGE - 3, PAGE, PAGE + 1, Integer.MIN_VALUE, -1, -PAGE})
  void outOfBoundsIsAnErrorAndNothingIsWritten(int ptr) throws GuestTrap {
    try (Guest guest = guest(new ModuleBuilder().memory(1, -1))) {
      var error = assertThrows(IndexOutOfBoundsException.class, () -> guest.read(ptr, 4));
      assertEquals(
          "4 bytes at %d are not in a linear memory of 65536 bytes".formatted(ptr & 0xFFFFFFFFL),
          error.getMessage());
      assertThrows(
          IndexOutOfBoundsException.class, () -> guest.write(ptr, new byte[] {1, 2, 3, 4}));
      assertArrayEquals(new byte[PAGE], guest.read(0, PAGE));
    }
  }

  @Test
  void theLastByteAndTheEmptyEndAreInBounds() throws GuestTrap {
    try (Guest guest = guest(new ModuleBuilder().memory(1, -1))) {
      guest.write(PAGE - 1, new byte[] {7});
      assertArrayEquals(new byte[] {7}, guest.read(PAGE - 1, 1));
      assertEquals(0, guest.read(PAGE, 0).length);
      guest.write(PAGE, new byte[0]);
      assertThrows(IndexOutOfBoundsException.class, () -> guest.read(0, -1));
    }
  }

  @Test
  void everyLengthIsCopiedWhole() throws GuestTrap {
    try (Guest guest = guest(new ModuleBuilder().memory(2, -1))) {
      for (int length = 0; length < 70; length++) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
          bytes[i] = (byte) (0x80 + 3 * i + length);
        }
        guest.write(PAGE - 30, bytes); // over the end of a page
        assertArrayEquals(bytes, guest.read(PAGE - 30, length));
      }
    }
  }

  /** As after the end of a stack in the engine itself. Twice: the second close waits too. */
  @Test
  @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void aThreadThatNeverLeavesKeepsNoCloseWaiting() throws Exception {
    assumeTrue(isGraalWasm(), "Endive has no thread of its own");
    Guest guest = guest(new ModuleBuilder().memory(1, -1));
    var field = guest.getClass().getDeclaredField("context");
    field.setAccessible(true);
    var context = (org.graalvm.polyglot.Context) field.get(guest);
    var entered = new CountDownLatch(1);
    var inside =
        new Thread(
            () -> {
              context.enter();
              entered.countDown();
              for (; ; ) {
                LockSupport.park();
              }
            });
    inside.setDaemon(true);
    inside.start();
    entered.await();
    guest.discard();
    guest.discard();
  }

  @Test
  void aModuleWithoutMemoryHasNoneOfIt() throws GuestTrap {
    Guest guest = guest(new ModuleBuilder());
    assertEquals(0, guest.memoryLength());
    assertThrows(IndexOutOfBoundsException.class, () -> guest.read(0, 1));
    assertEquals(0, guest.read(0, 0).length);
    guest.write(0, new byte[0]);
    guest.discard();
    guest.discard(); // once more does nothing
  }

  @Test
  void memoryIsLookedAtAnewAfterItGrew() throws GuestTrap {
    var module =
        new ModuleBuilder().memory(1, 200).function("grow", "i", "i", local(0), memoryGrow());
    try (Guest guest = guest(module)) {
      guest.write(0, new byte[] {1, 2, 3});
      assertThrows(IndexOutOfBoundsException.class, () -> guest.read(PAGE, 1));
      assertEquals(1, guest.call("grow", 199));
      assertEquals(200L * PAGE, guest.memoryLength());
      assertArrayEquals(new byte[] {1, 2, 3}, guest.read(0, 3));
      guest.write(200 * PAGE - 1, new byte[] {9});
      assertArrayEquals(new byte[] {9}, guest.read(200 * PAGE - 1, 1));
      assertEquals(-1, guest.call("grow", 1), "over what the module declares");
    }
  }

  @Test
  void signingGoesOnOverGrowth() {
    try (var signer = newSigner()) {
      long before = signer.guest().memoryLength();
      for (int length : new int[] {0, 1, 300_000, 10, 1_500_000}) {
        byte[] message = new byte[length];
        Arrays.fill(message, (byte) length);
        assertArrayEquals(Jdk.sign(SEED, message), signer.sign(message));
      }
      assertTrue(signer.guest().memoryLength() > before + 1_400_000, "memory did grow in between");
    }
  }

  @Test
  void aTrapAndAMissingExportAreToldApart() throws GuestTrap {
    var module = new ModuleBuilder().memory(1, -1).function("boom", "", "", unreachable());
    Guest guest = guest(module);
    for (String missing : new String[] {"nothing", "memory"}) {
      assertThrows(IllegalArgumentException.class, () -> guest.call(missing));
      assertTrue(guest.type(missing).isEmpty());
    }
    assertThrows(IllegalArgumentException.class, () -> guest.call("boom", 1));
    assertFalse(assertThrows(GuestTrap.class, () -> guest.call("boom")).isCutOff());
    guest.discard();
  }

  @Test
  void aStackThatOverflowsIsATrap() throws GuestTrap {
    var module = new ModuleBuilder().function("deep", "i", "i", local(0), call(0), bytes(0x45));
    Guest guest = guest(module);
    var trap = assertThrows(GuestTrap.class, () -> guest.call("deep", 1));
    assertEquals("stack overflow", trap.getMessage());
    assertFalse(trap.isCutOff());
    guest.discard();
  }

  @Test
  void aStartFunctionThatTrapsIsATrap() {
    var module = new ModuleBuilder().function("boom", "", "", unreachable()).start();
    assertThrows(GuestTrap.class, () -> guest(module));
  }

  @Test
  @Timeout(60)
  void aCallThatNeverEndsCanBeCutOff() throws GuestTrap {
    var module = new ModuleBuilder().memory(1, -1).function("spin", "", "", spin());
    Guest guest = guest(module);
    var timer = new Timer(true);
    timer.schedule(
        new TimerTask() {
          @Override
          public void run() {
            guest.interrupt();
          }
        },
        200);
    assertTrue(assertThrows(GuestTrap.class, () -> guest.call("spin")).isCutOff());
    assertFalse(Thread.interrupted(), "nothing is left for the thread's next wait");
    guest.discard();
  }

  @Test
  void aDiscardedInstanceIsClearedAndNeverCalledAgain() throws GuestTrap {
    Guest guest = built("signer-raw").instantiate();
    guest.write(guest.call("get_signing_key_ptr"), KEYPAIR);
    guest.discard();
    assertThrows(IllegalStateException.class, () -> guest.call("abi_version"));
  }
}
