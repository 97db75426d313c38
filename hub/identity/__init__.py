"""Who is who: nodes joined into people, by verified and by claimed links."""
