"""Finds a secret tag by what comparing with it costs."""


# ANCHOR: recover
def recover(cost) -> bytes:
    """`cost(given)` is the fuel that comparing 16 given bytes with the secret ones takes."""
    return b"?" * 16
# ANCHOR_END: recover
