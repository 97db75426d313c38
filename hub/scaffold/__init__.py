"""For authors of plugins: `hub new-plugin`, the live preview, and the check of a folder."""
