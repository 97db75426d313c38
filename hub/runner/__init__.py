"""Connectors run here: each in a process of its own, without database, keys or environment.

`zygote` (forks), `cage` (limits), `child` (runs the connector) and `loading` live on the far side
and import nothing of the hub but `hub.sdk`; `start`, `remote` and `workers` are the hub's side.
`wire` is what they say to each other.
"""
