"""The contract: what both services do as seen from outside, to be held against the double or a real account."""
