"""What happens: the only threads, locks and outgoing connections."""
