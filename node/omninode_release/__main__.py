"""``python -m omninode_release`` is the ``omni-release`` command."""

from omninode_release.commands.cli import command

if __name__ == "__main__":
    raise SystemExit(command())
