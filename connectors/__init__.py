"""How to talk to vendors: a directory per vendor, the kit, and the contract they all pass."""
