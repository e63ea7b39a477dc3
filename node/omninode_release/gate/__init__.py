"""The HIGH_RISK gate: a person's explicit approval, or a token issued for one beforehand."""
