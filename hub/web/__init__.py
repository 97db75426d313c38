"""HTTP: parse, call one flow, format."""
