"""The dashboard under `/_mock/`: one tenant at a time, on pages that work without JavaScript."""
