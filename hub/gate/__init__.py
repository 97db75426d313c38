"""The one gate every output passes."""
