"""What is written about the tool and generated: tables in SKILL.md, prompt.md and the reference.

A document is written by hand; between two markers that name a block stands what the block says.
``make docs`` writes the blocks, ``omni-release validate`` tells where one is stale.
"""
