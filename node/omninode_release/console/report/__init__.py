"""What a run or a plan looks like on a page: gathered once, drawn as HTML or as Markdown."""
