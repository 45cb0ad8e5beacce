"""The vendors' own addresses, in this process: answered by the double, or by nobody."""
