"""What is true: pure rules of time, promises and records. Standard library only; no thread, socket or wall clock."""
