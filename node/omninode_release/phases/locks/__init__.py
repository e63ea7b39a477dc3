"""How LOCK brings locks up to date: by uv, by another program, or by an organisation's command."""
