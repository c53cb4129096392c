"""Whether what was acknowledged is there after the worst: make durability.

`writers` are colleagues who save and publish over HTTP and note every answer that said so; `site`
is the real server, whose processes are killed; `databases` are killed too, and their disk (`disk`)
loses its power. After each, `judge` looks whether every acknowledged write is there, whether
anything is half there, and whether the record verifies. Each run has a control that must lose,
without which a run that lost nothing would show nothing.
"""
