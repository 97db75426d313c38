"""Proof without names: keyed hashes, signed receipts, the chain of the audit log."""
