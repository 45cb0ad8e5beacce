"""A running server for other processes: `RemoteMockServer` does what a test's own fixture does."""

from mockserver.client.server import RemoteMockServer, RemoteSecurating, RemoteSmsVote
from mockserver.client.wire import Declined, Unreachable, Wire

__all__ = ["Declined", "RemoteMockServer", "RemoteSecurating", "RemoteSmsVote", "Unreachable", "Wire"]
