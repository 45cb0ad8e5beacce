"""Doors over HTTP: the gate every call passes, the Flask application behind it, the control surface, the port."""
