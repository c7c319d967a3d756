"""Finds a secret tag by what comparing with it costs."""


# ANCHOR: recover
def recover(cost) -> bytes:
    """`cost(given)` is the fuel that comparing 16 given bytes with the secret ones takes."""
    known = b""
    while len(known) < 16:
        rest = bytes(15 - len(known))
        guesses = (known + bytes([byte]) for byte in range(256))
        # One more right byte takes one more turn of the loop.
        known = max(guesses, key=lambda guess: cost(guess + rest))
    return known
# ANCHOR_END: recover
