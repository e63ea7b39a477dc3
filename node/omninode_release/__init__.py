"""omninode-release: release an organisation's Python packages in dependency order."""

__version__ = "0.1.0"
